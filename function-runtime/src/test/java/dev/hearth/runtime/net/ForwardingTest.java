package dev.hearth.runtime.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two platforms on a machine whose switch is a plain file. */
class ForwardingTest {
    @TempDir Path machine;
    private Path knob;
    private Forwarding first;
    private Forwarding second;

    @BeforeEach
    void off() throws IOException {
        knob = Files.writeString(machine.resolve("ip_forward"), "0\n");
        first = new Forwarding(knob, machine.resolve("notes"), "aaaaaa");
        second = new Forwarding(knob, machine.resolve("notes"), "bbbbbb");
    }

    private String value() throws IOException {
        return Files.readString(knob).strip();
    }

    @Test
    void turnOn_wasOff_onUntilTheLastPlatformReleases() throws IOException {
        assertThat(first.need()).as("on because of us").isTrue();
        assertThat(value()).as("the rules come first").isEqualTo("0");
        assertThat(first.turnOn()).isTrue();
        assertThat(second.need()).as("still only because of us").isTrue();
        assertThat(second.turnOn()).isFalse();

        first.release();
        assertThat(value()).isEqualTo("1");
        second.release();
        assertThat(value()).isEqualTo("0");
        assertThat(machine.resolve("notes")).doesNotExist();
    }

    @Test
    void turnOn_wasOnAlready_staysOnForEver() throws IOException {
        Files.writeString(knob, "1\n");
        assertThat(first.need()).as("somebody else's doing").isFalse();
        assertThat(first.turnOn()).isFalse();
        first.release();
        assertThat(value()).isEqualTo("1");
        assertThat(machine.resolve("notes")).doesNotExist();
    }

    @Test
    void need_killedAndStartedAgain_knowsThatItTurnedItOn() throws IOException {
        first.need();
        first.turnOn();
        Forwarding again = new Forwarding(knob, machine.resolve("notes"), "aaaaaa");
        assertThat(again.isNeeded()).isTrue();
        assertThat(second.isNeeded()).isFalse();
        assertThat(again.need()).isTrue();
        again.release();
        assertThat(value()).isEqualTo("0");
    }
}
