package dev.hearth.gateway.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.AdminApi.ItemBody;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Prices;
import dev.hearth.gateway.usage.ItemisedBill;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A service's items on all gateways: each keeps those of the requests that it saw to, and tells the
 * others when one of them is asked. What each counted is itemised by itself, so that all items
 * together add up as each gateway's do.
 */
public final class ItemParts {
    /** Items of one answer. */
    static final int MOST = 10_000;

    private static final ObjectMapper JSON =
            new ObjectMapper()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final ItemisedBill itemised;
    private final Prices prices;
    private final Others others;
    private final Executor blocking;

    /** The other gateways. */
    public interface Others {
        /** There are none. */
        Others NONE = question -> CompletableFuture.completedFuture(List.of());

        /** What those say to a question that can be asked: {@link #answer} of each. */
        CompletionStage<List<String>> ask(String question);
    }

    /**
     * What is asked for.
     *
     * @param fromHour since 1970
     * @param toHour the first one that does not count
     * @param most items, the earliest ones; the others are summed up
     */
    record Question(String service, long fromHour, long toHour, int most) {
        private static Question parse(String text) {
            String[] words = text.split(" ", -1);
            if (words.length != 4
                    || !Stream.of(words).skip(1).allMatch(w -> w.matches("\\d{1,9}"))
                    || Integer.parseInt(words[3]) > MOST) {
                throw HearthException.invalid(
                        "invalid-question", "no question for items: \"" + text + "\"");
            }
            return new Question(
                    words[0],
                    Long.parseLong(words[1]),
                    Long.parseLong(words[2]),
                    Integer.parseInt(words[3]));
        }

        private String text() {
            return service + " " + fromHour + " " + toHour + " " + most;
        }
    }

    /**
     * Items.
     *
     * @param leftOut the sum of those that are not listed; null for none
     */
    record Part(List<ItemBody> items, @Nullable ItemBody leftOut) {
        ItemBody sum() {
            ItemBody listed = items.stream().reduce(ItemBodies.NOTHING, ItemBodies::plus);
            return leftOut == null ? listed : ItemBodies.plus(listed, leftOut);
        }
    }

    /**
     * @param blocking runs what reads the disk
     */
    public ItemParts(ItemisedBill itemised, Prices prices, Others others, Executor blocking) {
        this.itemised = itemised;
        this.prices = prices;
        this.others = others;
        this.blocking = blocking;
    }

    /** Those of all gateways that answer, the earliest first. */
    CompletionStage<Part> all(Question question) {
        CompletionStage<List<String>> elsewhere = others.ask(question.text());
        return own(question)
                .thenCombine(
                        elsewhere,
                        (own, answers) -> {
                            List<Part> parts = new ArrayList<>(List.of(own));
                            answers.forEach(text -> parts.add(read(text)));
                            return merged(parts, question.most());
                        });
    }

    private CompletionStage<Part> own(Question question) {
        return CompletableFuture.supplyAsync(
                () ->
                        part(
                                itemised
                                        .lines(
                                                question.service(),
                                                question.fromHour(),
                                                question.toHour())
                                        .stream()
                                        .map(line -> ItemBodies.line(line, prices))
                                        .toList(),
                                question.most()),
                blocking);
    }

    /** What this gateway has to say to another one's question. Fails with INVALID. */
    public CompletionStage<String> answer(String question) {
        return own(Question.parse(question)).thenApply(ItemParts::text);
    }

    private static String text(Part part) {
        try {
            return JSON.writeValueAsString(part);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a part of values always becomes JSON", e);
        }
    }

    private static Part read(String text) {
        try {
            return JSON.readValue(text, Part.class);
        } catch (JsonProcessingException e) {
            throw new HearthException(
                    ErrorKind.UNAVAILABLE,
                    "gateway-unreadable",
                    "what another gateway says of its items cannot be read: "
                            + e.getOriginalMessage(),
                    e);
        }
    }

    /** Items of which only so many are listed. */
    static Part part(List<ItemBody> all, int most) {
        return all.size() <= most
                ? new Part(all, null)
                : new Part(
                        all.subList(0, most),
                        all.stream().skip(most).reduce(ItemBodies.NOTHING, ItemBodies::plus));
    }

    private static Instant begin(ItemBody item) {
        String begin = item.begin();
        return begin == null ? Instant.MAX : Instant.parse(begin);
    }

    /** The earliest of all; each part has its own earliest ones. */
    static Part merged(List<Part> parts, int most) {
        Part listed =
                part(
                        parts.stream()
                                .flatMap(p -> p.items.stream())
                                .sorted(Comparator.comparing(ItemParts::begin))
                                .toList(),
                        most);
        List<ItemBody> leftOut =
                Stream.concat(Stream.of(listed), parts.stream())
                        .map(Part::leftOut)
                        .filter(left -> left != null)
                        .toList();
        return new Part(
                listed.items,
                leftOut.isEmpty()
                        ? null
                        : leftOut.stream().reduce(ItemBodies.NOTHING, ItemBodies::plus));
    }
}
