package dev.hearth.catalog.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.catalog.secret.Sealing.Sealed;
import dev.hearth.contracts.HearthException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealingTest {
    private static final String OLD = key();
    private static final String NEW = key();
    private static final byte[] VALUE = "s3cret".getBytes(StandardCharsets.UTF_8);

    private static String key() {
        byte[] bits = new byte[32];
        new SecureRandom().nextBytes(bits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    private static Sealing with(String keys) {
        return new Sealing(SecretKeys.parse(keys), new SecureRandom());
    }

    private static void fails(Runnable call, String reason) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> {
                            assertThat(e.reason()).isEqualTo(reason);
                            assertThat(e.sentence()).doesNotContain(OLD, NEW, "s3cret");
                        });
    }

    @Test
    void open_whatWasSealed_isTheValue() {
        Sealed sealed = with(OLD).seal("a", VALUE);
        assertThat(with(OLD).open("a", sealed)).isEqualTo(VALUE);
        assertThat(new String(sealed.bytes(), StandardCharsets.ISO_8859_1))
                .doesNotContain("s3cret");
        assertThat(with(OLD).seal("a", VALUE).bytes()).isNotEqualTo(sealed.bytes());
    }

    @Test
    void open_elsewhereOrChanged_refused() {
        Sealed sealed = with(OLD).seal("a", VALUE);
        fails(() -> with(OLD).open("b", sealed), "secret-corrupt");
        for (int i = 0; i < sealed.bytes().length; i++) {
            byte[] changed = sealed.bytes().clone();
            changed[i] ^= 1;
            fails(() -> with(OLD).open("a", new Sealed(sealed.keyId(), changed)), "secret-corrupt");
        }
        fails(
                () -> with(OLD).open("a", new Sealed(sealed.keyId(), new byte[11])),
                "secret-corrupt");
        fails(
                () -> with(OLD).open("a", new Sealed(sealed.keyId(), new byte[12])),
                "secret-corrupt");
    }

    @Test
    void keys_replaced_oldValuesOpenAndNewOnesUseTheNewKey() {
        Sealed before = with(OLD).seal("a", VALUE);
        Sealing both = with(NEW + "," + OLD);
        assertThat(both.open("a", before)).isEqualTo(VALUE);
        assertThat(both.seal("a", VALUE).keyId()).isEqualTo(with(NEW).currentKey());
        assertThat(before.keyId()).isNotEqualTo(both.currentKey());
        fails(() -> with(NEW).open("a", before), "secrets-key-missing");
    }

    @Test
    void keys_none_saysWhatToDo() {
        fails(() -> with("").seal("a", VALUE), "no-secrets-key");
    }

    @Test
    void keys_ofBothAlphabets_areTheSame() {
        String plain = Base64.getEncoder().encodeToString(Base64.getUrlDecoder().decode(OLD));
        assertThat(with(plain).currentKey()).isEqualTo(with(OLD).currentKey());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"short", "?", "AAAA,", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    void keys_thatAreNone_refused(String text) {
        fails(() -> SecretKeys.parse(text), "invalid-secrets-key");
    }
}
