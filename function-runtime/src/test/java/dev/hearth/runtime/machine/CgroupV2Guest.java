package dev.hearth.runtime.machine;

import java.util.Map;

/**
 * The program of the virtual machine: runs the checks and says on the console what came of each.
 */
public final class CgroupV2Guest {
    private CgroupV2Guest() {}

    public static void main(String[] arguments) throws Exception {
        CgroupV2Checks checks = new CgroupV2Checks(GuestNode.start());
        for (Map.Entry<String, CgroupV2Checks.Check> check : checks.all().entrySet()) {
            long begun = System.nanoTime();
            String outcome;
            try {
                check.getValue().run();
                outcome = ConsoleReport.PASSED;
            } catch (Exception | AssertionError e) {
                e.printStackTrace(System.out);
                outcome = ConsoleReport.FAILED + String.valueOf(e.getMessage());
            }
            System.out.println(
                    ConsoleReport.line(
                            check.getKey(), outcome, (System.nanoTime() - begun) / 1_000_000));
        }
        System.exit(0);
    }
}
