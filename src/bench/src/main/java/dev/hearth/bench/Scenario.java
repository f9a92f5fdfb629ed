package dev.hearth.bench;

import dev.hearth.bench.platform.BenchFailure;

/**
 * What a scenario is to the shell. Exit codes: 0 measured and every bar met, 1 measured and some
 * bar not met, 2 could not be measured.
 */
interface Scenario {
    int run() throws Exception;

    /** Runs it and exits. */
    static void main(Scenario scenario) {
        int code;
        try {
            code = scenario.run();
        } catch (BenchFailure e) {
            System.err.println("hearth: " + e.getMessage());
            code = 2;
        } catch (Exception e) {
            System.err.println("hearth: the measurement broke off: " + e);
            code = 2;
        }
        System.exit(code);
    }
}
