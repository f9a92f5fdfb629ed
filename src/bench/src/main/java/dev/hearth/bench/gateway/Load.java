package dev.hearth.bench.gateway;

/**
 * One stretch of requests to one contestant.
 *
 * @param wrong answers that were no 200, and connections that broke
 * @param cpuMicros the proxy's processor time meanwhile
 */
record Load(
        double perSecond,
        double p50Micros,
        double p99Micros,
        long requests,
        long wrong,
        long cpuMicros) {
    double cpuMicrosEach() {
        return (double) cpuMicros / requests;
    }
}
