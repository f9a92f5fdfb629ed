package dev.hearth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class TerminalTextTest {
    private static final String ESCAPE = "\u001b";

    private static String shown(String text) {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(new TerminalText(out), true);
        writer.print(text);
        writer.flush();
        return out.toString();
    }

    @Test
    void text_ofPeople_asItIs() {
        for (String text :
                new String[] {
                    "", "a\tb\n", "größer · 大 🙂", ESCAPE + "[1;31mred" + ESCAPE + "[0m"
                }) {
            assertThat(shown(text)).isEqualTo(text);
        }
    }

    @Test
    void orders_toTheTerminal_shownAndNotObeyed() {
        assertThat(shown(ESCAPE + "]52;c;cm0gLXJmIC8=\u0007")) // the clipboard
                .isEqualTo("\\u001b]52;c;cm0gLXJmIC8=\\u0007");
        assertThat(shown(ESCAPE + "[2J")).isEqualTo("\\u001b[2J");
        assertThat(shown("no\rok")).isEqualTo("no\\u000dok");
        assertThat(shown("\u009b2J\u007f\u0000")).isEqualTo("\\u009b2J\\u007f\\u0000");
        assertThat(shown("a\u202eb\u2066c")).isEqualTo("a\\u202eb\\u2066c");
    }

    @Test
    void orders_thatBeginAsColours_shown() {
        assertThat(shown(ESCAPE)).isEqualTo("\\u001b");
        assertThat(shown(ESCAPE + "[31")).isEqualTo("\\u001b[31");
        assertThat(shown(ESCAPE + ESCAPE + "[0m")).isEqualTo("\\u001b" + ESCAPE + "[0m");
        assertThat(shown(ESCAPE + "[31\n" + ESCAPE + "[H")).isEqualTo("\\u001b[31\n\\u001b[H");
        String tooLong = ESCAPE + "[" + "1;".repeat(50) + "m";
        assertThat(shown(tooLong)).startsWith("\\u001b[1;").doesNotContain(ESCAPE);
    }
}
