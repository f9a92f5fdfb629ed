package dev.hearth.runtime.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeavingLinksTest {
    private static final InstanceNetwork.Link GONE = new InstanceNetwork.Link("gone-already", 8);

    /** Every network namespace has it, and it never goes. */
    private static final InstanceNetwork.Link STAYS = new InstanceNetwork.Link("lo", 10);

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final LeavingLinks links =
            new LeavingLinks(
                    new LeavingLinks.Removal() {
                        @Override
                        public void delete(InstanceNetwork.Link link) {
                            told.add("delete " + link.name());
                        }

                        @Override
                        public void gone(InstanceNetwork.Link link) {
                            told.add("gone " + link.name());
                        }
                    },
                    Clock.system());

    @Test
    void add_linkThatWentByItself_isToldOfOnce() throws Exception {
        links.add(GONE);
        assertThat(told.poll(5, TimeUnit.SECONDS)).isEqualTo("gone gone-already");
        links.close();
        assertThat(told).isEmpty();
    }

    @Test
    void add_linkThatStays_isDeletedAfterAWhile() throws Exception {
        links.add(STAYS);
        links.awaitRoom();
        assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("delete lo");
    }
}
