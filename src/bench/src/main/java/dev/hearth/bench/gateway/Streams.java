package dev.hearth.bench.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.contracts.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Bytes instead of requests, through nginx and through Hearth, by turns.
 *
 * @param nginx what each round saw
 */
record Streams(List<Round> nginx, List<Round> hearth) {
    private static final double MEGABYTE = 1e6;

    /**
     * @param echoes WebSocket messages there and back, a second
     * @param bytes of the download, a second
     */
    record Round(double echoes, double bytes) {}

    /**
     * @param bytes of a download
     * @param seconds of echoes
     */
    static Streams measure(
            Contestant nginx, Contestant hearth, int rounds, long bytes, int seconds, Clock clock) {
        Streams streams = new Streams(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i <= rounds; i++) {
            boolean nginxFirst = i % 2 == 0;
            Round first = round(nginxFirst ? nginx : hearth, bytes, seconds, clock);
            Round second = round(nginxFirst ? hearth : nginx, bytes, seconds, clock);
            if (i > 0) { // the first is not measured
                streams.nginx.add(nginxFirst ? first : second);
                streams.hearth.add(nginxFirst ? second : first);
            }
        }
        return streams;
    }

    private static Round round(Contestant to, long bytes, int seconds, Clock clock) {
        return new Round(
                Echoes.perSecond(to, seconds, clock), Download.bytesPerSecond(to, bytes, clock));
    }

    double echoRatio() {
        return ratio(Round::echoes);
    }

    double downloadRatio() {
        return ratio(Round::bytes);
    }

    private double ratio(ToDoubleFunction<Round> figure) {
        return Standing.median(hearth, figure) / Standing.median(nginx, figure);
    }

    String text() {
        return line("nginx", nginx) + line(Contestant.HEARTH, hearth);
    }

    private static String line(String name, List<Round> rounds) {
        return String.format(
                Locale.ROOT,
                "%s: %.0f WebSocket echoes/s, download %.0f MB/s%n",
                name,
                Standing.median(rounds, Round::echoes),
                Standing.median(rounds, Round::bytes) / MEGABYTE);
    }

    void json(ObjectNode into) {
        json(into.putArray("nginx"), nginx);
        json(into.putArray("hearth"), hearth);
    }

    private static void json(ArrayNode into, List<Round> rounds) {
        for (Round r : rounds) {
            into.addObject()
                    .put("echoesPerSecond", r.echoes())
                    .put("downloadBytesPerSecond", r.bytes());
        }
    }
}
