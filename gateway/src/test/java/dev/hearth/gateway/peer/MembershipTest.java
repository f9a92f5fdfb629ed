package dev.hearth.gateway.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.route.Peer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MembershipTest {
    private static final List<ServiceName> SERVICES =
            IntStream.range(0, 1000).mapToObj(i -> new ServiceName("s" + i)).toList();

    private final Membership a = new Membership("a");

    /** How many services each gateway sees to; this one's are the empty id's. */
    private static Map<String, Integer> homes(Membership of) {
        Map<String, Integer> counts = new HashMap<>();
        for (ServiceName service : SERVICES) {
            counts.merge(of.elsewhere(service).map(Peer::id).orElse(""), 1, Integer::sum);
        }
        return counts;
    }

    @Test
    void alone_seesToEverything() {
        assertThat(homes(a)).isEqualTo(Map.of("", 1000));
        a.serving(true);
        assertThat(homes(a)).isEqualTo(Map.of("", 1000));
    }

    @Test
    void notServingYet_leavesEverythingToTheOthers() {
        assertThat(a.answered("10.0.0.2", 80, "b", true, 0)).isTrue();
        assertThat(homes(a)).isEqualTo(Map.of("b", 1000));
        assertThat(a.serving(true)).isTrue();
        assertThat(homes(a).get("b")).isBetween(400, 600);
    }

    @Test
    void everybodyWhoKnowsTheSame_choosesTheSame() {
        Membership b = new Membership("b");
        a.serving(true);
        b.serving(true);
        a.answered("10.0.0.2", 80, "b", true, 0);
        a.answered("10.0.0.3", 80, "c", true, 0);
        b.answered("10.0.0.1", 80, "a", true, 0);
        b.answered("10.0.0.3", 80, "c", true, 0);
        for (ServiceName service : SERVICES) {
            assertThat(a.elsewhere(service).map(Peer::id).orElse("a"))
                    .isEqualTo(b.elsewhere(service).map(Peer::id).orElse("b"));
        }
    }

    @Test
    void oneGoes_onlyItsOwnServicesMove() {
        a.serving(true);
        a.answered("10.0.0.2", 80, "b", true, 0);
        a.answered("10.0.0.3", 80, "c", true, 0);
        Map<ServiceName, Optional<Peer>> before = new HashMap<>();
        SERVICES.forEach(s -> before.put(s, a.elsewhere(s)));
        assertThat(a.unanswered("10.0.0.3", 80, true, 0)).isTrue();
        for (ServiceName service : SERVICES) {
            boolean wasOfC = before.get(service).map(Peer::id).orElse("").equals("c");
            if (wasOfC) {
                assertThat(a.elsewhere(service).map(Peer::id)).isNotEqualTo(Optional.of("c"));
            } else {
                assertThat(a.elsewhere(service)).isEqualTo(before.get(service));
            }
        }
    }

    @Test
    void unansweredQuestions_oneOrTwoAreForgiven() {
        a.answered("10.0.0.2", 80, "b", true, 0);
        assertThat(a.unanswered("10.0.0.2", 80, false, 0)).isFalse();
        assertThat(a.unanswered("10.0.0.2", 80, false, 0)).isFalse();
        a.answered("10.0.0.2", 80, "b", true, 0);
        assertThat(a.unanswered("10.0.0.2", 80, false, 0)).isFalse();
        assertThat(a.unanswered("10.0.0.2", 80, false, 0)).isFalse();
        assertThat(a.isThere("b")).isTrue();
        assertThat(a.unanswered("10.0.0.2", 80, false, 0)).isTrue();
        assertThat(a.isThere("b")).isFalse();
    }

    @Test
    void suspect_isBackWhenItAnswers() {
        a.answered("10.0.0.2", 80, "b", true, 0);
        assertThat(a.suspect(new Peer("b", "10.0.0.2", 80), 0)).isTrue();
        assertThat(a.isThere("b")).isFalse();
        assertThat(a.answered("10.0.0.2", 80, "b", true, 0)).isTrue();
        assertThat(a.isThere("b")).isTrue();
    }

    @Test
    void leaving_isOutAtOnce_andBackOnlyAfterAWhile() {
        a.answered("10.0.0.2", 80, "b", true, 0);
        assertThat(a.leaves("b", 0)).isTrue();
        assertThat(a.answered("10.0.0.2", 80, "b", true, 5)).isFalse();
        assertThat(a.isThere("b")).isFalse();
        assertThat(a.answered("10.0.0.2", 80, "b", true, Membership.LEAVING_NANOS)).isTrue();
        assertThat(a.answered("10.0.0.2", 80, "b", false, Membership.LEAVING_NANOS)).isTrue();
        assertThat(a.isThere("b")).isFalse();
    }

    /** One that starts says that it leaves, until it serves. */
    @Test
    void saysThatItStays_isBackAtOnce() {
        a.answered("10.0.0.2", 80, "b", true, 0);
        assertThat(a.leaves("b", 0)).isTrue();
        assertThat(a.stays("b", 5)).isTrue();
        assertThat(a.isThere("b")).isTrue();
    }

    @Test
    void ownAnswer_andForgottenAddress_areNobody() {
        a.serving(true);
        a.answered("10.0.0.1", 80, "a", true, 0);
        a.answered("10.0.0.2", 80, "b", true, 0);
        assertThat(a.peers()).containsExactly(new Peer("b", "10.0.0.2", 80));
        assertThat(a.addresses(Set.of("10.0.0.1:80"), 0)).isTrue();
        assertThat(a.peers()).isEmpty();
    }

    @Test
    void passedOn_isReadOnlyWithTheToken() {
        PassedOn said = new PassedOn("b", 2, "2001:db8::1", "https");
        assertThat(PassedOn.parse(said.header("token"), "token"::equals)).contains(said);
        assertThat(PassedOn.parse(said.header("other"), "token"::equals)).isEmpty();
        assertThat(PassedOn.parse("token b 0 1.2.3.4 http", "token"::equals)).isEmpty();
        assertThat(PassedOn.parse("token b 1 1.2.3.4 gopher", "token"::equals)).isEmpty();
        assertThat(PassedOn.parse("token", "token"::equals)).isEmpty();
    }
}
