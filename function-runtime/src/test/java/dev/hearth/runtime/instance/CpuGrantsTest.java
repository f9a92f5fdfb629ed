package dev.hearth.runtime.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.runtime.instance.CpuGrants.Claim;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CpuGrantsTest {
    private static List<Integer> grants(int cores, Claim... claims) {
        return CpuGrants.of(cores, List.of(claims));
    }

    @Test
    void of_enoughForAll_whatIsAsked() {
        assertThat(grants(4000, new Claim(250, 1000), new Claim(500, 500), new Claim(500, 2000)))
                .containsExactly(1000, 500, 2000);
    }

    @Test
    void of_lessThanIsAsked_equalPartsOfTheExtra() {
        assertThat(grants(2000, new Claim(250, 1000), new Claim(250, 1000), new Claim(250, 1000)))
                .containsExactly(666, 666, 666);
        // 1000 are left for 500 and 1500
        assertThat(grants(2000, new Claim(500, 1000), new Claim(500, 2000)))
                .containsExactly(750, 1250);
    }

    @Test
    void of_ownOfAllIsMoreThanThereIs_everyoneHasItsOwn() {
        assertThat(grants(2000, new Claim(1500, 1500), new Claim(1000, 4000)))
                .containsExactly(1500, 1000);
    }

    @Test
    void of_idleInstance_hasItsSliverAndLeavesTheRest() {
        assertThat(grants(2000, new Claim(1000, 50), new Claim(250, 4000)))
                .containsExactly(50, 1950);
    }

    @Test
    void of_nobody_nothing() {
        assertThat(grants(2000)).isEmpty();
    }

    @Test
    void of_anything_neitherLessThanOwnNorMoreThanAskedNorMoreThanThereIs() {
        Random random = new Random(1);
        for (int round = 0; round < 10_000; round++) {
            int cores = 1000 * (1 + random.nextInt(16));
            List<Claim> claims = new ArrayList<>();
            for (int i = random.nextInt(8); i >= 0; i--) {
                int own = 10 + random.nextInt(4000);
                claims.add(new Claim(own, 10 + random.nextInt(8000)));
            }
            List<Integer> granted = CpuGrants.of(cores, claims);
            long bases = claims.stream().mapToLong(Claim::base).sum();
            for (int i = 0; i < claims.size(); i++) {
                assertThat(granted.get(i)).isBetween(claims.get(i).base(), claims.get(i).asked());
            }
            assertThat(granted.stream().mapToLong(Integer::longValue).sum())
                    .isLessThanOrEqualTo(Math.max(cores, bases));
        }
    }
}
