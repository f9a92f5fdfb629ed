package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page that walks through the code names methods that exist. */
class RequestLifeTest {
    private static final Pattern NAME = Pattern.compile("`([A-Z]\\w+)\\.(\\w+)`");

    @Test
    void page_everyMethodItNames_exists() throws Exception {
        Set<String> known = new HashSet<>();
        for (JavaClass c : ArchitectureTest.HEARTH) {
            c.getMethods().forEach(m -> known.add(c.getSimpleName() + "." + m.getName()));
        }
        Matcher names =
                NAME.matcher(Files.readString(Platform.ROOT.resolve("src/docs/request-life.md")));
        Set<String> named = new TreeSet<>();
        while (names.find()) {
            named.add(names.group(1) + "." + names.group(2));
        }
        assertThat(named).hasSizeGreaterThan(40);
        named.removeAll(known);
        assertThat(named).as("named but not in the code").isEmpty();
    }
}
