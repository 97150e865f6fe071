package dev.docs.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A page of metrics in the text format of Prometheus (version 0.0.4), read strictly: whatever the format does not allow, and
 * histograms that do not add up, fail the test.
 */
final class Exposed {
    private static final Pattern SAMPLE = Pattern.compile(
            "([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{((?:[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\\n]|\\\\[\\\\\"n])*\",?)*)})? (\\S+)");
    private static final Pattern COMMENT = Pattern.compile("# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)");
    private static final List<String> TYPES = List.of("counter", "gauge", "histogram", "summary", "untyped");

    private final Map<String, Double> samples = new LinkedHashMap<>();
    private final Map<String, String> types = new HashMap<>();

    private Exposed(String page) {
        assertThat(page).endsWith("\n");
        for (String line : page.split("\n")) {
            Matcher comment = COMMENT.matcher(line);
            if (comment.matches()) {
                if (comment.group(1).equals("TYPE")) {
                    assertThat(TYPES).contains(comment.group(3));
                    assertThat(types.put(comment.group(2), comment.group(3)))
                            .as("a type is told once: " + line)
                            .isNull();
                }
                continue;
            }
            Matcher sample = SAMPLE.matcher(line);
            assertThat(sample.matches()).as(line).isTrue();
            String name = sample.group(1);
            assertThat(types.containsKey(name) || types.containsKey(name.replaceFirst("_(bucket|count|sum)$", "")))
                    .as("a type comes before its samples: " + line)
                    .isTrue();
            String labels = sample.group(2) == null ? "" : "{" + sorted(sample.group(2)) + "}";
            assertThat(samples.put(name + labels, number(sample.group(3))))
                    .as("a sample comes once: " + line)
                    .isNull();
        }
        types.forEach((name, type) -> {
            if (type.equals("histogram")) {
                checkHistogram(name);
            }
        });
    }

    static Exposed parse(String page) {
        return new Exposed(page);
    }

    /** A sample's value; 0 if there is none yet. */
    double value(String sample) {
        return samples.getOrDefault(sample, 0.0);
    }

    Map<String, Double> all() {
        return samples;
    }

    private static String sorted(String labels) {
        return Arrays.stream(labels.split(",(?=[a-zA-Z_])"))
                .map(label -> label.replaceFirst(",$", ""))
                .sorted()
                .collect(Collectors.joining(","));
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private void checkHistogram(String name) {
        Map<String, Double> last = new HashMap<>();
        samples.forEach((sample, value) -> {
            if (sample.startsWith(name + "_bucket{")) {
                String series = sample.replaceFirst("le=\"[^\"]*\",?", "").replace(",}", "}");
                assertThat(value).as(sample).isGreaterThanOrEqualTo(last.getOrDefault(series, 0.0));
                last.put(series, value);
            }
        });
        assertThat(last).as(name).isNotEmpty();
        last.forEach((series, value) ->
                assertThat(samples.get(series.replace("_bucket{", "_count{"))).isEqualTo(value));
    }
}
