package dev.hearth.standalone.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.HearthException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpOptionsTest {
    @Test
    void parse_nothingGiven_takesTheDocumentedDefaults() {
        assertThat(UpOptions.parse(Map.of()))
                .isEqualTo(
                        new Settings(
                                Path.of("/var/lib/hearth"),
                                8080,
                                8081,
                                "localhost",
                                null,
                                null,
                                null,
                                null,
                                null,
                                null));
    }

    @Test
    void parse_environment_isUsedUnlessAnArgumentSaysOtherwise() {
        Map<String, String> environment =
                Map.of("HEARTH_DATA", "/srv/h", "HEARTH_ADMIN_PORT", "9001");
        Settings given = UpOptions.parse(environment, "--admin-port", "9002");
        assertThat(given.data()).isEqualTo(Path.of("/srv/h"));
        assertThat(given.adminPort()).isEqualTo(9002);
        assertThat(UpOptions.parse(environment).adminPort()).isEqualTo(9001);
    }

    @Test
    void parse_everyOption_isTaken() {
        Settings given =
                UpOptions.parse(
                        Map.of(),
                        "--data=/d",
                        "--http-port=80",
                        "--admin-port=81",
                        "--domain=apps.example.com",
                        "--tls-cert=/c/a.pem,/c/b.pem",
                        "--tls-key=/c/a.key,/c/b.key",
                        "--https-port=443",
                        "--database=postgresql://me:p%40ss+1@db:5433/cat?sslmode=require",
                        "--kafka=k1:9092,k2:9092",
                        "--otlp=http://collector:4317",
                        "--dns=10.0.0.53,9.9.9.9",
                        "--trusted-proxies=10.0.0.0/8,2001:db8::/32");
        assertThat(given)
                .isEqualTo(
                        new Settings(
                                Path.of("/d"),
                                80,
                                81,
                                "apps.example.com",
                                new Settings.TlsFiles(
                                        443, "/c/a.pem,/c/b.pem", "/c/a.key,/c/b.key"),
                                new DatabaseUrl(
                                        "postgresql://db:5433/cat?sslmode=require", "me", "p@ss+1"),
                                "k1:9092,k2:9092",
                                "http://collector:4317",
                                "10.0.0.53,9.9.9.9",
                                "10.0.0.0/8,2001:db8::/32"));
        assertThat(given.url()).isEqualTo("https://apps.example.com:443");
    }

    @Test
    void parse_certificatesByAcme() {
        Settings given =
                UpOptions.parse(
                        Map.of(),
                        "--domain=example.com",
                        "--https-port=443",
                        "--acme-domain=a.example.com,B.example.com",
                        "--acme-email=me@example.com",
                        "--acme-directory=https://ca.example.com/directory",
                        "--acme-ca=/root.pem");
        assertThat(given.tls())
                .isEqualTo(
                        new Settings.TlsAcme(
                                443,
                                "a.example.com,B.example.com",
                                "me@example.com",
                                "https://ca.example.com/directory",
                                "/root.pem"));
        assertThat(given.url()).isEqualTo("https://example.com:443");
    }

    @ParameterizedTest
    @CsvSource({
        "--acme-email=me,            invalid-acme",
        "--acme-directory=http://a,  invalid-acme",
        "--acme-directory=x y,       invalid-acme",
        "--tls-cert=/a.pem,          invalid-certificate",
        "--https-port=8080,          invalid-port"
    })
    void parse_badArgumentBesideAcme_isRefused(String argument, String reason) {
        assertThatThrownBy(() -> UpOptions.parse(Map.of(), "--acme-domain=a.example.com", argument))
                .isInstanceOfSatisfying(
                        HearthException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void parse_databaseWithoutPassword_takesItFromTheEnvironment() {
        DatabaseUrl url =
                UpOptions.parse(
                                Map.of("PGPASSWORD", "secret"),
                                "--database=jdbc:postgresql://me@db/cat")
                        .database();
        assertThat(url).isEqualTo(new DatabaseUrl("postgresql://db:5432/cat", "me", "secret"));
        assertThat(String.valueOf(url)).doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource({
        "--nonsense,                   invalid-option",
        "--data,                       invalid-option",
        "surplus,                      invalid-option",
        "--data=,                      invalid-data-directory",
        "--http-port=0,                invalid-port",
        "--http-port=65536,            invalid-port",
        "--http-port=8081,             invalid-port",
        "--admin-port=http,            invalid-port",
        "--domain=-x,                  invalid-domain",
        "--domain=a b,                 invalid-domain",
        "--database=mysql://a@b/c,     invalid-database-url",
        "--database=postgresql://u@h,  invalid-database-url",
        "--database=postgresql://h/d,  invalid-database-url",
        "--kafka=broker,               invalid-kafka",
        "--tls-cert=/a.pem,            invalid-certificate",
        "--tls-key=/a.key,             invalid-certificate",
        "--https-port=8443,            invalid-certificate",
        "--acme-domain=*.example.com,  invalid-acme",
        "--acme-domain=localhost,      invalid-acme",
        "--acme-domain=192.0.2.1,      invalid-acme",
        "--acme-domain=,               invalid-acme",
        "--acme-email=me@example.com,  invalid-acme",
        "--acme-directory=https://a/b, invalid-acme",
        "--acme-ca=/a.pem,             invalid-acme",
        "--otlp=collector:4317,        invalid-otlp",
        "--dns=dns.example.com,        invalid-dns",
        "--dns=127.0.0.53,             invalid-dns",
        "--dns=10.0.0.0/8,             invalid-dns",
        "--dns=,                       invalid-dns"
    })
    void parse_badArgument_isRefusedWithOneSentence(String argument, String reason) {
        assertThatThrownBy(() -> UpOptions.parse(Map.of(), argument))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> {
                            assertThat(e.reason()).isEqualTo(reason);
                            assertThat(e.kind().isCallersFault()).isTrue();
                            assertThat(e.sentence()).doesNotContain("\n");
                        });
    }
}
