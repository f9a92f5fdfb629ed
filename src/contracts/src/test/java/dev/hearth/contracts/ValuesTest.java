package dev.hearth.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
    @ParameterizedTest
    @CsvSource({
        "512Mi,536870912",
        "1G,1000000000",
        "1048576,1048576",
        "1k,1000",
        "0,0",
        "2Ti,2199023255552"
    })
    void sizeParse_validText_bytes(String text, long bytes) {
        assertThat(DataSize.parse(text).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Mi", "-1", "1.5Gi", "1 Mi", "1mi", "999999999999999Ti"})
    void sizeParse_otherText_invalid(String text) {
        assertThatThrownBy(() -> DataSize.parse(text)).hasMessageContaining("size");
    }

    @ParameterizedTest
    @ValueSource(strings = {"512Mi", "1Gi", "3Ki", "1000", "0"})
    void sizeToString_parsed_sameText(String text) {
        assertThat(DataSize.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({"1,1000", "0.5,500", "500m,500", "2.25,2250", "10m,10"})
    void cpuParse_validText_millis(String text, int millis) {
        assertThat(Cpu.parse(text).millis()).isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "m", "0", "-1", "0.0001", "1e9", "9m", "99999999"})
    void cpuParse_otherText_invalid(String text) {
        assertThatThrownBy(() -> Cpu.parse(text)).isInstanceOf(HearthException.class);
    }

    @ParameterizedTest
    @CsvSource({"500ms,500", "60s,60000", "5m,300000", "1h,3600000"})
    void durationParse_validText_andBack(String text, long millis) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
        assertThat(Durations.parse(Durations.format(Duration.ofMillis(millis))))
                .isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Hello", "1st", "a-", "a_b", "a---b", "x.", ".y", "x.default", "ü"})
    void serviceName_notALabel_invalid(String name) {
        assertThatThrownBy(() -> new ServiceName(name))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isIn("invalid-name", "invalid-project"));
    }

    @Test
    void serviceName_longerThan49_invalid() {
        assertThat(new ServiceName("a".repeat(49)).value()).hasSize(49);
        assertThatThrownBy(() -> new ServiceName("a".repeat(50)))
                .isInstanceOf(HearthException.class);
    }

    @Test
    void revisionName_ofLongestService_stillALabel() {
        ServiceName longest = new ServiceName("a".repeat(49));
        assertThat(RevisionName.of(longest, 99999, "abc").value()).hasSize(59);
    }

    @Test
    void instanceId_ofAnyBits_valid() {
        assertThat(InstanceId.of(-1L).value()).isEqualTo("i-777777777777");
        assertThat(InstanceId.of(0).value()).isEqualTo("i-aaaaaaaaaaaa");
    }

    @Test
    void containerSpec_reservedName_refusedWithTheName() {
        assertThatThrownBy(
                        () -> new ContainerSpec(List.of(), List.of(), Map.of("K_SERVICE", "x"), 80))
                .hasMessageContaining("K_SERVICE");
    }

    @Test
    void resources_memoryBelowKernelsNeed_refused() {
        assertThatThrownBy(() -> new Resources(new Cpu(1000), DataSize.mebibytes(4)))
                .hasMessageContaining("8Mi");
    }

    @Test
    void from_wrappedFailure_theInnerOne() {
        HearthException inner = HearthException.invalid("x", "y");
        assertThat(HearthException.from(new java.util.concurrent.CompletionException(inner)))
                .isSameAs(inner);
        assertThat(HearthException.from(new IllegalStateException("z")).kind())
                .isEqualTo(ErrorKind.INTERNAL);
    }
}
