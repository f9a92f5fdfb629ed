package dev.hearth.gateway.knative;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.ServiceVersion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ChangesTest {
    private static final ServiceName WEB = new ServiceName("web");
    private static final ServiceName API = new ServiceName("api");
    private static final UUID FIRST = new UUID(1, 1);

    private final Changes changes = new Changes();

    private static ServiceVersion version(long generation) {
        return new ServiceVersion(FIRST, generation);
    }

    private List<String> after(long number) {
        return changes.after(number).orElseThrow().stream()
                .map(c -> c.number() + " " + c.type() + " " + c.service())
                .toList();
    }

    @Test
    void see_theFirstTime_nothingHasChanged() {
        changes.see(Map.of(WEB, version(7)));
        assertThat(changes.last()).isZero();
        assertThat(after(0)).isEmpty();
    }

    @Test
    void see_addedChangedAndGone_eachIsOneChange() {
        changes.see(Map.of());
        changes.see(Map.of(WEB, version(1)));
        changes.see(Map.of(WEB, version(1)));
        changes.see(Map.of(WEB, version(3)));
        changes.see(Map.of());
        assertThat(after(0)).containsExactly("1 ADDED web", "2 MODIFIED web", "3 DELETED web");
        assertThat(after(2)).containsExactly("3 DELETED web");
        assertThat(after(3)).isEmpty();
    }

    @Test
    void see_anotherOfItsName_theOldOneIsGoneFirst() {
        changes.see(Map.of(WEB, version(5)));
        changes.see(Map.of(WEB, new ServiceVersion(new UUID(2, 2), 1)));
        assertThat(after(0)).containsExactly("1 DELETED web", "2 ADDED web");
    }

    @Test
    void after_whatIsNotKeptOrNeverWas_empty() {
        changes.see(Map.of());
        for (int i = 1; i <= Changes.KEPT + 10; i++) {
            changes.see(Map.of(API, version(i)));
        }
        assertThat(changes.after(9)).isEmpty();
        assertThat(changes.after(10)).isPresent();
        assertThat(changes.after(changes.last() + 1)).isEmpty();
    }

    @Test
    void see_keepsACopy() {
        Map<ServiceName, ServiceVersion> there = new HashMap<>();
        changes.see(there);
        there.put(WEB, version(1));
        changes.see(there);
        assertThat(after(0)).containsExactly("1 ADDED web");
    }
}
