package dev.hearth.runtime.net;

import dev.hearth.contracts.Egress;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which group of links has which policy. The three plain ones are fixed; an allow-list gets a group
 * and rules when it is first used, and keeps them for the next instance until the place is needed.
 */
final class Policies {
    /** The most allow-lists with rules at a time; those that no instance has make room. */
    static final int MOST_LISTS = 1024;

    private final Firewall firewall;
    private final Map<Egress.Only, Rules> lists = new HashMap<>();
    private final BitSet taken = new BitSet();

    private static final class Rules {
        private final int group;
        private int users;

        private Rules(int group) {
            this.group = group;
        }
    }

    Policies(Firewall firewall) {
        this.firewall = firewall;
    }

    /** The group for a link whose instance shall have this policy; {@link #release} gives it up. */
    int use(Egress egress) throws IOException {
        return switch (egress) {
            case Egress.None none -> Groups.NONE;
            case Egress.Internet internet -> Groups.INTERNET;
            case Egress.All all -> Groups.ALL;
            case Egress.Only list -> use(list);
        };
    }

    private synchronized int use(Egress.Only list) throws IOException {
        Rules rules = lists.get(list);
        if (rules == null) {
            if (lists.size() >= MOST_LISTS) {
                makeRoom();
            }
            rules = new Rules(Groups.FIRST_LIST + taken.nextClearBit(0));
            firewall.add(rules.group, list.networks());
            taken.set(rules.group - Groups.FIRST_LIST);
            lists.put(list, rules);
        }
        rules.users++;
        return rules.group;
    }

    synchronized void release(Egress egress) {
        if (egress instanceof Egress.Only list && lists.containsKey(list)) {
            lists.get(list).users--;
        }
    }

    private void makeRoom() throws IOException {
        List<Integer> unused = new ArrayList<>();
        for (Rules r : lists.values()) {
            if (r.users == 0) {
                unused.add(r.group);
            }
        }
        if (unused.isEmpty()) {
            throw new HearthException(
                    ErrorKind.EXHAUSTED,
                    "too-many-egress-lists",
                    "all "
                            + MOST_LISTS
                            + " egress lists of this node are in use by instances; stop something,"
                            + " or let services share a list");
        }
        firewall.forget(unused);
        lists.values().removeIf(r -> r.users == 0);
        unused.forEach(group -> taken.clear(group - Groups.FIRST_LIST));
    }
}
