package dev.hearth.bench.fleet;

import dev.hearth.contracts.Clock;
import dev.hearth.gateway.peer.Rendezvous;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The homes of all services over the gateways.
 *
 * @param perSecond homes that one core finds
 * @param spread of services over gateways
 * @param moved share of the services whose home is another one when the first gateway goes
 * @param movedNeedlessly of these, services whose home it was not
 */
record HomesResult(double perSecond, Spread spread, double moved, int movedNeedlessly) {
    static HomesResult measure(FleetSize size, Clock clock) {
        List<String> all = FleetSize.gateways(size.gateways());
        String[] names = new String[size.services()];
        for (int i = 0; i < names.length; i++) {
            names[i] = FleetSize.service(i);
        }
        find(names, all); // unmeasured: the code is warm now
        long begun = clock.nanos();
        String[] homes = find(names, all);
        double seconds = (clock.nanos() - begun) / 1e9;
        String gone = all.getFirst();
        String[] then = find(names, all.subList(1, all.size()));
        return new HomesResult(
                names.length / seconds,
                spread(homes, all),
                moved(homes, then),
                stray(homes, then, gone));
    }

    private static String[] find(String[] names, Collection<String> gateways) {
        String[] homes = new String[names.length];
        for (int i = 0; i < names.length; i++) {
            homes[i] = Rendezvous.choose(names[i], gateways).orElse("");
        }
        return homes;
    }

    private static Spread spread(String[] homes, List<String> gateways) {
        Map<String, Integer> counts = new HashMap<>();
        gateways.forEach(gateway -> counts.put(gateway, 0));
        for (String home : homes) {
            counts.merge(home, 1, Integer::sum);
        }
        return Spread.of(counts.values());
    }

    static double moved(String[] before, String[] after) {
        int moved = 0;
        for (int i = 0; i < before.length; i++) {
            moved += before[i].equals(after[i]) ? 0 : 1;
        }
        return (double) moved / before.length;
    }

    static int stray(String[] before, String[] after, String gone) {
        int stray = 0;
        for (int i = 0; i < before.length; i++) {
            stray += before[i].equals(gone) || before[i].equals(after[i]) ? 0 : 1;
        }
        return stray;
    }
}
