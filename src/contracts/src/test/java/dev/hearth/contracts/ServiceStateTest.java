package dev.hearth.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a service has beside its revisions. */
class ServiceStateTest {
    private static final ServiceName HELLO = new ServiceName("hello");

    private static Scaling scaling(int min, int max) {
        return new Scaling(80, min, max, Duration.ofSeconds(60));
    }

    @Test
    void bounds_ofAShare_partOfTheServices() {
        InstanceBounds five = new InstanceBounds(5, 0);
        assertThat(five.of(scaling(0, 100), 30).minInstances()).isEqualTo(2); // ⌈1.5⌉
        assertThat(five.of(scaling(0, 100), 0).minInstances()).isZero();
        assertThat(five.of(scaling(3, 100), 30).minInstances()).isEqualTo(3);
        assertThat(five.of(scaling(0, 1), 100).minInstances()).isEqualTo(1);
        assertThat(new InstanceBounds(0, 7).of(scaling(9, 100), 100)).isEqualTo(scaling(7, 7));
        assertThat(InstanceBounds.NONE.of(scaling(9, 100), 0)).isEqualTo(scaling(9, 100));
        for (int[] wrong : new int[][] {{-1, 0}, {0, -1}, {2, 1}, {1001, 0}, {0, 1001}}) {
            assertThatThrownBy(() -> new InstanceBounds(wrong[0], wrong[1]))
                    .isInstanceOf(HearthException.class);
        }
    }

    @Test
    void metadata_tooMuch_refusedByName() {
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i <= Metadata.MOST; i++) {
            many.put("k" + i, "");
        }
        assertThatThrownBy(() -> new Metadata(many, Map.of())).hasMessageContaining("101 labels");
        assertThatThrownBy(() -> new Metadata(Map.of("team", "x".repeat(64)), Map.of()))
                .hasMessageContaining("team");
        assertThatThrownBy(() -> new Metadata(Map.of(), Map.of("a", "x".repeat(64 * 1024))))
                .hasMessageContaining("64 KiB");
        assertThatThrownBy(() -> new Metadata(Map.of("", "x"), Map.of()))
                .hasMessageContaining("1 to 317");
        assertThatThrownBy(() -> new Metadata(Map.of(), Map.of("a", "\0")))
                .hasMessageContaining("NUL");
        assertThat(Metadata.NONE.with("a", "b").with("c", "d").with("a", "").annotations())
                .isEqualTo(Map.of("c", "d"));
    }

    @Test
    void condition_checked_againstTheStateThereIs() {
        ServiceVersion now = new ServiceVersion(new UUID(0x123456789abcdef0L, 1), 4);
        ServiceCondition seen = ServiceCondition.unchanged(now.etag());
        seen.check(HELLO, Optional.of(now));
        ServiceCondition.ANY.check(HELLO, Optional.empty());
        ServiceCondition.ABSENT.check(HELLO, Optional.empty());
        assertThat(ServiceCondition.unchanged("")).isEqualTo(ServiceCondition.ANY);
        assertThatThrownBy(() -> seen.check(HELLO, Optional.of(new ServiceVersion(now.uid(), 5))))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("service-changed"));
        assertThatThrownBy(() -> seen.check(HELLO, Optional.empty()))
                .isInstanceOf(HearthException.class);
        assertThatThrownBy(() -> ServiceCondition.ABSENT.check(HELLO, Optional.of(now)))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("service-exists"));
    }
}
