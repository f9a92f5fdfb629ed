package dev.hearth.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretMountTest {
    private static ContainerSpec with(String... secrets) {
        return new ContainerSpec(
                List.of(),
                List.of(),
                Map.of("PLAIN", "x"),
                8080,
                false,
                Stream.of(secrets).map(SecretMount::parse).toList());
    }

    @Test
    void parse_eachForm_andBack() {
        SecretMount variable = SecretMount.parse("DB_PASSWORD=db-password");
        assertThat(variable.isFile()).isFalse();
        assertThat(variable.version()).isEqualTo(SecretMount.LATEST);
        assertThat(variable).hasToString("DB_PASSWORD=db-password:latest");
        SecretMount file = SecretMount.parse("/run/keys/tls.pem=tls:3");
        assertThat(file.isFile()).isTrue();
        assertThat(file.directory()).isEqualTo("/run/keys");
        assertThat(file.fileName()).isEqualTo("tls.pem");
        assertThat(file.version()).isEqualTo(3);
        assertThat(SecretMount.parse(file.toString())).isEqualTo(file);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "A",
                "A=",
                "=b",
                "A=b:0",
                "A=b:-1",
                "A=b:newest",
                "A=b:1234567890",
                "A=-b",
                "A=b/c",
                "A/B=c",
                "/a=b",
                "/a/=b",
                "/a//b=c",
                "/a/../b=c",
                "/a/./b=c",
                "/etc/passwd=b",
                "/tmp/x=b",
                "/proc/self/environ=b",
                "/sys/a/b=c",
                "/dev/shm/a=b"
            })
    void parse_whatCannotBe_refused(String text) {
        assertThatThrownBy(() -> SecretMount.parse(text))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("invalid-secret"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "A=x A=y",
                "PLAIN=x",
                "PORT=x",
                "/a/b=x /a/b=y",
                "/a/b=x /a/c/d=y",
                "/a/b/c=x /a/b=y"
            })
    void container_withTargetsThatClash_refused(String secrets) {
        assertThatThrownBy(() -> with(secrets.split(" ")))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isIn("invalid-secret", "reserved-env"));
    }

    @Test
    void container_sameSecretsInAnotherOrder_isTheSame() {
        assertThat(with("A=x", "/a/b=y", "/a/c=z")).isEqualTo(with("/a/c=z", "A=x", "/a/b=y"));
    }

    @Test
    void container_tooMany_refused() {
        String[] many = new String[SecretMount.MOST + 1];
        for (int i = 0; i < many.length; i++) {
            many[i] = "A" + i + "=x";
        }
        assertThatThrownBy(() -> with(many)).hasMessageContaining("65 secrets");
    }
}
