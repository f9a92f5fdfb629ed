package dev.hearth.bench.fleet;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Which service a request is for: the n-th most popular one gets a share in proportion to 1/n
 * (Zipf's law with exponent 1, as Breslau et al. found requests of the web to be nearly; INFOCOM
 * 1999).
 */
final class Popularity {
    private final double[] upTo;

    Popularity(int services) {
        upTo = new double[services];
        double sum = 0;
        for (int i = 0; i < services; i++) {
            sum += 1.0 / (i + 1);
            upTo[i] = sum;
        }
    }

    /** A service's index, 0 for the most popular one. */
    int draw(RandomGenerator random) {
        int found = Arrays.binarySearch(upTo, random.nextDouble() * upTo[upTo.length - 1]);
        return Math.min(found >= 0 ? found + 1 : -found - 1, upTo.length - 1);
    }
}
