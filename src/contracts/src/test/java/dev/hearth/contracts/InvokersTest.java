package dev.hearth.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InvokersTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "anyone",
                "token",
                "jwt issuer=https://id.example.com audience=hello",
                "jwt issuer=https://id.example.com/realm audience=a=b subject=x subject=y@z",
                "jwt issuer=http://127.0.0.1:9000 audience=hello"
            })
    void parse_eachForm_andBack(String text) {
        assertThat(Invokers.parse(text).word()).isEqualTo(text);
        assertThat(Invokers.parse(Invokers.parse(text).word())).isEqualTo(Invokers.parse(text));
    }

    @Test
    void parse_words_areTheConstants() {
        assertThat(Invokers.parse("anyone")).isSameAs(Invokers.ANYONE);
        assertThat(Invokers.parse("token")).isSameAs(Invokers.TOKEN);
        assertThat(Invokers.parse("jwt issuer=https://a audience=b subject=c"))
                .isEqualTo(new Invokers.Jwt("https://a", "b", List.of("c")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nobody",
                "ANYONE",
                "jwt ",
                "jwt issuer=https://a",
                "jwt audience=b",
                "jwt issuer=http://id.example.com audience=b",
                "jwt issuer=file:///etc/passwd audience=b",
                "jwt issuer=https://u:p@a audience=b",
                "jwt issuer=https://a?x=y audience=b",
                "jwt issuer=https:// audience=b",
                "jwt issuer=https://a audience=b extra=c",
                "jwt issuer=https://a  audience=b"
            })
    void parse_whatCannotBe_refused(String text) {
        assertThatThrownBy(() -> Invokers.parse(text))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("invalid-invokers"));
    }
}
