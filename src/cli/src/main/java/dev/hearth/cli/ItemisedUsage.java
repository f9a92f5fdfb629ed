package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.ItemBody;
import dev.hearth.contracts.AdminApi.ItemsBody;
import dev.hearth.contracts.DataSize;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints a bill item by item. */
final class ItemisedUsage {
    private static final double NANOS_PER_SECOND = 1e9;

    private final PrintWriter out;

    ItemisedUsage(PrintWriter out) {
        this.out = out;
    }

    void print(ItemsBody bill) {
        out.printf("from %s to %s%n%n", bill.from(), bill.to());
        Table table =
                new Table(
                        "BEGIN",
                        "INSTANCE",
                        "STATUS",
                        "SECONDS",
                        "BILLED S",
                        "IDLE S",
                        "EGRESS",
                        "COST");
        bill.items().forEach(item -> row(table, or(item.begin()), item));
        ItemBody leftOut = bill.leftOut();
        if (leftOut != null) {
            row(table, "left out (--most)", leftOut);
        }
        if (!isNothing(bill.notItemised())) {
            boolean isAhead =
                    bill.notItemised().billedNanos() < 0 || bill.notItemised().idleNanos() < 0;
            row(table, isAhead ? "not on the bill yet" : "not itemised", bill.notItemised());
        }
        row(table, "bill", bill.bill());
        table.print(out);
    }

    private static boolean isNothing(ItemBody sum) {
        return sum.requests() == 0
                && sum.billedNanos() == 0
                && sum.idleNanos() == 0
                && sum.egressBytes() == 0;
    }

    private static void row(Table table, String label, ItemBody item) {
        Integer status = item.status();
        Double seconds = item.seconds();
        table.row(
                label,
                item.instance() == null ? item.requests() + " requests" : item.instance(),
                status == null ? "" : Integer.toString(status),
                seconds == null ? "" : String.format(Locale.ROOT, "%.3f", seconds),
                seconds(item.billedNanos()),
                seconds(item.idleNanos()),
                octets(item.egressBytes()),
                String.format(Locale.ROOT, "%.9f", item.cost()));
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.6f", nanos / NANOS_PER_SECOND);
    }

    /** They are fewer than none where items are not on the bill yet. */
    private static String octets(long bytes) {
        return bytes < 0 ? Long.toString(bytes) : new DataSize(bytes).toString();
    }

    /** As RFC 4180 has it; no field needs quotes. */
    void printCsv(ItemsBody bill) {
        out.println(
                "kind,revision,instance,begin,seconds,status,requests,billed_nanos,idle_nanos,"
                        + "egress_bytes,cost");
        bill.items().forEach(item -> line(item.kind(), item));
        ItemBody leftOut = bill.leftOut();
        if (leftOut != null) {
            line("left-out", leftOut);
        }
        line("not-itemised", bill.notItemised());
        line("bill", bill.bill());
    }

    private void line(String kind, ItemBody item) {
        Integer status = item.status();
        Double seconds = item.seconds();
        out.println(
                String.join(
                        ",",
                        kind,
                        or(item.revision()),
                        or(item.instance()),
                        or(item.begin()),
                        seconds == null ? "" : Double.toString(seconds),
                        status == null ? "" : Integer.toString(status),
                        Long.toString(item.requests()),
                        Long.toString(item.billedNanos()),
                        Long.toString(item.idleNanos()),
                        Long.toString(item.egressBytes()),
                        item.cost().toPlainString()));
    }

    private static String or(@Nullable String text) {
        return text == null ? "" : text;
    }
}
