package dev.hearth.imagecache.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChallengeTest {
    @Test
    void best_dockerHubs_parameters() {
        assertThat(
                        best(
                                "Bearer realm=\"https://auth.docker.io/token\","
                                        + "service=\"registry.docker.io\","
                                        + "scope=\"repository:library/nginx:pull\""))
                .isEqualTo(
                        new Challenge(
                                "bearer",
                                Map.of(
                                        "realm", "https://auth.docker.io/token",
                                        "service", "registry.docker.io",
                                        "scope", "repository:library/nginx:pull")));
    }

    @Test
    void best_quotedCommasAndQuotes_keptTogether() {
        Challenge challenge =
                best(
                        "Bearer realm=\"https://a/t\" , scope=\"repository:a:pull,push\",x=\"\\\"\\\\\"");
        assertThat(challenge.parameter("scope")).isEqualTo("repository:a:pull,push");
        assertThat(challenge.parameter("x")).isEqualTo("\"\\");
    }

    @Test
    void best_severalInOneHeader_bearerWithItsOwnParameters() {
        Challenge challenge =
                best("Negotiate YWJj==, Basic realm=\"one, two\", Bearer realm=\"https://a/t\"");
        assertThat(challenge.scheme()).isEqualTo("bearer");
        assertThat(challenge.parameters()).containsExactly(Map.entry("realm", "https://a/t"));
    }

    @Test
    void best_severalHeaders_bearerFirst() {
        assertThat(best("Negotiate", "Basic realm=\"x\"", "BEARER Realm=https://a/t").scheme())
                .isEqualTo("bearer");
    }

    @Test
    void best_bearerWithoutRealm_basic() {
        assertThat(best("Bearer service=\"x\", Basic realm=\"y\"").scheme()).isEqualTo("basic");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Negotiate", "realm=\"x\"", "Bearer", "\"", ",,,", "Digest a=b"})
    void best_nothingThatCanBeAnswered_none(String header) {
        assertThat(Challenge.best(List.of(header))).isEmpty();
    }

    @Test
    @Timeout(5)
    void best_hugeOrTwisted_endsSoon() {
        assertThat(Challenge.best(List.of("Bearer realm=\"" + "a".repeat(10_000)))).isEmpty();
        assertThat(Challenge.best(List.of("Bearer realm=\"" + "\\a".repeat(2000)))).isEmpty();
        assertThat(Challenge.best(List.of("Basic " + "a ,".repeat(1300)))).isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "repository:team/app:pull, repository:team/app:pull",
        "'repository:team/app:pull,push', repository:team/app:pull",
        "repository:inside/app:*, repository:inside/app:pull",
        "repository(plugin):team/app:pull, repository(plugin):team/app:pull",
        "repository:a:pull repository:b:pull, repository:a:pull repository:b:pull",
        "registry:catalog:*, repository:mine:pull",
        "repository:team/app:push, repository:mine:pull",
        "x, repository:mine:pull",
        "'', repository:mine:pull"
    })
    void scope_challengesScope_reducedToPulling(String asked, String expected) {
        assertThat(PullScope.of(new Challenge("bearer", Map.of("scope", asked)), "mine"))
                .isEqualTo(expected);
    }

    private static Challenge best(String... headers) {
        return Challenge.best(List.of(headers)).orElseThrow();
    }
}
