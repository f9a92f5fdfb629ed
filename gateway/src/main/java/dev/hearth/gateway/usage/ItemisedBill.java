package dev.hearth.gateway.usage;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.UsagePort.Time;
import dev.hearth.contracts.UsagePort.Used;
import dev.hearth.gateway.usage.ItemReader.Item;
import dev.hearth.gateway.usage.ItemReader.Subject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The bill, request by request, from the items that are kept. */
public final class ItemisedBill {
    /** Items that are read for one answer; some 100 MiB of memory. */
    static final int MOST_READ = 200_000;

    /**
     * Requests that share time of an hour end within the next but one: they may take an hour. Those
     * of the hour before may share its first slice.
     */
    private static final int HOURS_BEHIND = 2;

    private final Items items;

    ItemisedBill(Items items) {
        this.items = items;
    }

    /**
     * A line.
     *
     * @param instance that had the request, or whose time it is
     * @param isRequest else it is time of the instance that is no request's: starting, stopping,
     *     cut off, idle in a minimum, or without requests where instances are billed
     * @param fromNanos since 1970
     * @param nanos that the request took; 0 for an instance
     * @param status of the answer; 0 for an instance
     */
    public record Line(
            String revision,
            String instance,
            boolean isRequest,
            long fromNanos,
            long nanos,
            int status,
            Used used) {}

    /** One without items. */
    public static ItemisedBill none() {
        return new ItemisedBill(Items.NONE);
    }

    /** What belongs together: of one instance. */
    private static final class Of {
        private final List<Item> requests = new ArrayList<>();
        private final List<Item> billed = new ArrayList<>();
        private final List<Item> idle = new ArrayList<>();
        private final List<Item> egress = new ArrayList<>();
    }

    /**
     * What is on the bill of some hours of a service, in the order of time. Reads the disk, one
     * after the other. Throws INVALID {@code too-many-items}.
     *
     * @param fromHour since 1970
     * @param toHour the first one that does not count
     */
    public synchronized List<Line> lines(String service, long fromHour, long toHour) {
        Map<String, Of> instances = new LinkedHashMap<>();
        int[] read = {0};
        for (Path path : files()) {
            try {
                ItemReader.read(
                        path,
                        subject ->
                                subject.service().equals(service)
                                        && subject.hour() >= fromHour - 1
                                        && subject.hour() < toHour + HOURS_BEHIND,
                        item -> {
                            if (isKept(item)) {
                                check(++read[0], service);
                                put(instances, item);
                            }
                        });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        List<Line> lines = new ArrayList<>();
        instances.values().forEach(of -> add(of, fromHour, toHour, lines));
        lines.sort(Comparator.comparingLong(Line::fromNanos));
        return lines;
    }

    private List<Path> files() {
        try {
            return items.files();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isKept(Item item) {
        return (item.from() + item.nanos()) / 1_000_000 >= items.oldestMillis();
    }

    private static void check(int read, String service) {
        if (read > MOST_READ) {
            throw HearthException.invalid(
                    "too-many-items",
                    "the bill of "
                            + service
                            + " has more than "
                            + MOST_READ
                            + " items in that time; ask for fewer hours with from and to");
        }
    }

    private static void put(Map<String, Of> instances, Item item) {
        Of of = instances.computeIfAbsent(item.subject().instance(), i -> new Of());
        switch (item.kind()) {
            case REQUEST -> of.requests.add(item);
            case BILLED -> of.billed.add(item);
            case IDLE -> of.idle.add(item);
            case EGRESS -> of.egress.add(item);
            case SUBJECT, HALF -> throw new IllegalStateException("no item: " + item);
        }
    }

    private static void add(Of of, long fromHour, long toHour, List<Line> lines) {
        List<Item> billed = of.billed;
        Shares.Result shared = Shares.of(spans(billed), spans(of.requests));
        Map<Long, Integer> byBegin = new HashMap<>();
        List<Used> used = new ArrayList<>();
        for (int i = 0; i < of.requests.size(); i++) {
            Item request = of.requests.get(i);
            byBegin.put(request.from(), i);
            long nanos = 0;
            for (Shares.Share share : shared.shares().get(i)) {
                nanos += isOf(billed.get(share.of()), fromHour, toHour) ? share.nanos() : 0;
            }
            boolean counts = isOf(request, fromHour, toHour);
            used.add(
                    used(
                            request.subject(),
                            counts ? 1 : 0,
                            nanos,
                            0,
                            counts ? request.octets() : 0));
        }
        Map<String, Line> rest = new LinkedHashMap<>();
        for (Item part : of.egress) {
            if (isOf(part, fromHour, toHour)) {
                Used octets = used(part.subject(), 0, 0, 0, part.octets());
                Integer request = byBegin.get(part.from());
                if (request == null) {
                    add(rest, part, octets);
                } else {
                    used.set(request, used.get(request).plus(octets));
                }
            }
        }
        for (int i = 0; i < billed.size(); i++) {
            if (isOf(billed.get(i), fromHour, toHour) && shared.nobodys()[i] > 0) {
                add(
                        rest,
                        billed.get(i),
                        used(billed.get(i).subject(), 0, shared.nobodys()[i], 0, 0));
            }
        }
        for (Item idle : of.idle) {
            if (isOf(idle, fromHour, toHour)) {
                add(rest, idle, used(idle.subject(), 0, 0, idle.nanos(), 0));
            }
        }
        for (int i = 0; i < used.size(); i++) {
            if (!used.get(i).equals(Used.nothing(used.get(i).billing()))) {
                lines.add(line(of.requests.get(i), used.get(i)));
            }
        }
        lines.addAll(rest.values());
    }

    private static boolean isOf(Item item, long fromHour, long toHour) {
        long hour = item.subject().hour();
        return hour >= fromHour && hour < toHour;
    }

    private static List<Shares.Span> spans(List<Item> items) {
        return items.stream().map(i -> new Shares.Span(i.from(), i.nanos())).toList();
    }

    private static Used used(
            Subject subject, long requests, long billedNanos, long idleNanos, long octets) {
        return new Used(
                subject.billing(),
                requests,
                time(subject, billedNanos),
                time(subject, idleNanos),
                octets);
    }

    private static Time time(Subject subject, long nanos) {
        return nanos == 0 ? Time.NONE : Time.of(nanos, subject.cpuMillis(), subject.memoryBytes());
    }

    /** Time of an instance that is no request's is one line. */
    private static void add(Map<String, Line> rest, Item item, Used used) {
        Line more =
                new Line(
                        item.subject().revision(),
                        item.subject().instance(),
                        false,
                        item.from(),
                        0,
                        0,
                        used);
        rest.merge(
                item.subject().revision(),
                more,
                (a, b) ->
                        new Line(
                                a.revision,
                                a.instance,
                                false,
                                Math.min(a.fromNanos, b.fromNanos),
                                0,
                                0,
                                a.used.plus(b.used)));
    }

    private static Line line(Item request, Used used) {
        return new Line(
                request.subject().revision(),
                request.subject().instance(),
                true,
                request.from(),
                request.nanos(),
                request.status(),
                used);
    }
}
