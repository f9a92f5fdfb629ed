package dev.hearth.gateway.usage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Shares the time that one instance is billed for among the requests that were in it. Each slice of
 * 100 ms is shared in proportion to how long each request was in the instance during it, in whole
 * nanoseconds, which add up to the slice: what rounding down leaves goes, a nanosecond each, to
 * those with the largest remainders (Hamilton's method), the earlier one first among equals. A
 * request that was there for no time at all counts as one nanosecond. A slice without a request
 * (starting, stopping, a request that never came to its end) is nobody's.
 *
 * <p>Worked: two requests, one for 100 ms of a slice and one for 50 ms, have 66 666 667 and 33 333
 * 333 ns of it.
 */
final class Shares {
    static final long SLICE_NANOS = 100_000_000;

    private Shares() {}

    /** A stretch of time; nanoseconds. */
    record Span(long from, long nanos) {
        long end() {
            return from + nanos;
        }
    }

    /**
     * @param shares of each request, in the order in which they were given, of each stretch of
     *     billed time: the stretch's number, and nanoseconds
     * @param nobodys of each stretch
     */
    record Result(List<List<Share>> shares, long[] nobodys) {}

    /**
     * @param of which stretch of billed time
     */
    record Share(int of, long nanos) {}

    /**
     * @param billed stretches that do not overlap
     */
    static Result of(List<Span> billed, List<Span> requests) {
        List<List<Share>> shares = new ArrayList<>();
        requests.forEach(r -> shares.add(new ArrayList<>()));
        Integer[] stretches = byBegin(billed);
        Integer[] arrivals = byBegin(requests);
        long[] nobodys = new long[billed.size()];
        List<Integer> present = new ArrayList<>();
        int arrived = 0;
        for (int stretch : stretches) {
            Span all = billed.get(stretch);
            for (long from = all.from; from < all.end(); from += SLICE_NANOS) {
                Span slice = new Span(from, Math.min(SLICE_NANOS, all.end() - from));
                while (arrived < arrivals.length
                        && requests.get(arrivals[arrived]).from < slice.end()) {
                    present.add(arrivals[arrived++]);
                }
                present.removeIf(r -> overlap(requests.get(r), slice) == 0);
                if (present.isEmpty()) {
                    nobodys[stretch] += slice.nanos;
                } else {
                    share(slice, stretch, present, requests, shares);
                }
            }
        }
        return new Result(shares, nobodys);
    }

    private static Integer[] byBegin(List<Span> spans) {
        Integer[] order = new Integer[spans.size()];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingLong(i -> spans.get(i).from));
        return order;
    }

    /** How long a request was there during a slice; 0 for not at all. */
    private static long overlap(Span request, Span slice) {
        long end = Math.max(request.end(), request.from + 1);
        return Math.max(0, Math.min(end, slice.end()) - Math.max(request.from, slice.from));
    }

    private static void share(
            Span slice,
            int stretch,
            List<Integer> present,
            List<Span> requests,
            List<List<Share>> shares) {
        int count = present.size();
        long[] weights = new long[count];
        long all = 0;
        for (int i = 0; i < count; i++) {
            weights[i] = overlap(requests.get(present.get(i)), slice);
            all += weights[i];
        }
        long[] nanos = new long[count];
        long left = slice.nanos;
        for (int i = 0; i < count; i++) {
            nanos[i] = slice.nanos * weights[i] / all; // 10^8 times 10^8 at most
            left -= nanos[i];
        }
        for (int i : byRemainder(slice.nanos, weights, all)) {
            if (left-- <= 0) {
                break;
            }
            nanos[i]++;
        }
        for (int i = 0; i < count; i++) {
            add(shares.get(present.get(i)), stretch, nanos[i]);
        }
    }

    private static Integer[] byRemainder(long nanos, long[] weights, long all) {
        Integer[] order = new Integer[weights.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingLong(i -> -(nanos * weights[i] % all)));
        return order;
    }

    private static void add(List<Share> to, int stretch, long nanos) {
        if (!to.isEmpty() && to.getLast().of == stretch) {
            Share before = to.removeLast();
            to.add(new Share(stretch, before.nanos + nanos));
        } else {
            to.add(new Share(stretch, nanos));
        }
    }
}
