package dev.docs.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Everything that was measured, as a table for people, as JSON for comparisons, and as a plot of what has a target. */
final class Report {
    private final Map<String, String> machine;
    private final List<Line> lines = new ArrayList<>();

    Report(Map<String, String> machine) {
        this.machine = machine;
    }

    /**
     * @param ofRatio whether the ratio to the yardstick counts, or else the figure itself
     * @param atMost or else at least
     */
    record Target(boolean ofRatio, boolean atMost, double bound) {
        static Target ratioAtMost(double bound) {
            return new Target(true, true, bound);
        }

        static Target ratioAtLeast(double bound) {
            return new Target(true, false, bound);
        }

        static Target atMost(double bound) {
            return new Target(false, true, bound);
        }

        boolean isMet(double value) {
            return atMost ? value <= bound : value >= bound;
        }

        @Override
        public String toString() {
            return (ofRatio ? "ratio " : "") + (atMost ? "<= " : ">= ") + number(bound);
        }
    }

    /** One figure of every round; the ratios are of one round each. */
    record Line(
            String what,
            String setting,
            String figure,
            List<Double> docs,
            @Nullable String yardstick,
            @Nullable List<Double> yardstickValues,
            @Nullable Target target) {
        double value() {
            return Rounds.median(docs);
        }

        double ratio() {
            if (yardstickValues == null) {
                return Double.NaN;
            }
            List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < docs.size(); i++) {
                ratios.add(docs.get(i) / yardstickValues.get(i));
            }
            return Rounds.median(ratios);
        }

        double judged() {
            return target != null && target.ofRatio() ? ratio() : value();
        }

        String verdict() {
            return target == null ? "" : target.isMet(judged()) ? "yes" : "**no**";
        }
    }

    /** Adds every figure of a side, beside the yardstick's of the same name if it has one. */
    void add(
            String what,
            String setting,
            Rounds rounds,
            String side,
            @Nullable String yardstick,
            Map<String, Target> targets) {
        for (String figure : rounds.figures(side)) {
            boolean beside = yardstick != null && rounds.has(yardstick, figure);
            add(new Line(
                    what,
                    setting,
                    figure,
                    rounds.values(side, figure),
                    beside ? yardstick : null,
                    beside && yardstick != null ? rounds.values(yardstick, figure) : null,
                    targets.get(figure)));
        }
    }

    void add(Line line) {
        lines.add(line);
        System.out.println(row(line));
    }

    List<Line> lines() {
        return lines;
    }

    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("table.md"), markdown());
        Files.writeString(folder.resolve("figures.json"), json());
        Files.writeString(folder.resolve("targets.svg"), svg());
    }

    private String markdown() {
        StringBuilder text = new StringBuilder("# Measured\n\n");
        machine.forEach((name, value) ->
                text.append("- ").append(name).append(": ").append(value).append('\n'));
        text.append("\nMedians of the rounds; a ratio is the median of each round's.\n\n")
                .append("| what | with | figure | Docs | yardstick | ratio | target | met |\n")
                .append("|---|---|---|---|---|---|---|---|\n");
        lines.forEach(line -> text.append(row(line)).append('\n'));
        return text.toString();
    }

    private static String row(Line line) {
        String yardstick = line.yardstickValues() == null
                ? ""
                : number(Rounds.median(line.yardstickValues())) + " (" + line.yardstick() + ")";
        return "| "
                + String.join(
                        " | ",
                        line.what(),
                        line.setting(),
                        line.figure(),
                        number(line.value()),
                        yardstick,
                        line.yardstickValues() == null ? "" : number(line.ratio()),
                        line.target() == null ? "" : line.target().toString(),
                        line.verdict())
                + " |";
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value);
    }

    private String json() throws IOException {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Line line : lines) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("what", line.what());
            one.put("with", line.setting());
            one.put("figure", line.figure());
            one.put("docs", line.docs());
            if (line.yardstick() != null && line.yardstickValues() != null) {
                one.put("yardstick", line.yardstick());
                one.put("yardstick_values", line.yardstickValues());
                one.put("ratio", line.ratio());
            }
            if (line.target() != null) {
                one.put("target", line.target().toString());
                one.put("met", line.target().isMet(line.judged()));
            }
            all.add(one);
        }
        return new ObjectMapper()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .writeValueAsString(Map.of("machine", machine, "figures", all))
                + "\n";
    }

    /** A bar for each target: how much of it is used up, on a scale that ends at three times the target. */
    private String svg() {
        List<Line> judged = lines.stream().filter(line -> line.target() != null).toList();
        int left = 460;
        int unit = 150;
        int height = 24 * judged.size() + 50;
        StringBuilder svg = new StringBuilder(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1000\" height=\"" + height
                        + "\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        int y = 30;
        for (Line line : judged) {
            Target target = Objects.requireNonNull(line.target());
            double used = target.atMost() ? line.judged() / target.bound() : target.bound() / line.judged();
            long width = Math.round(unit * Math.min(3, Math.max(0, used)));
            String text = escaped(line.what() + ", " + line.setting() + ": " + line.figure());
            svg.append("<text x=\"" + (left - 8) + "\" y=\"" + (y + 12) + "\" text-anchor=\"end\">" + text
                            + "</text>\n")
                    .append("<rect x=\"" + left + "\" y=\"" + y + "\" width=\"" + width + "\" height=\"16\" fill=\""
                            + (target.isMet(line.judged()) ? "#2e7d32" : "#c62828") + "\"/>\n")
                    .append("<text x=\"" + (left + width + 6) + "\" y=\"" + (y + 12) + "\">" + number(line.judged())
                            + " (" + escaped(target.toString()) + ")</text>\n");
            y += 24;
        }
        svg.append("<line x1=\"" + (left + unit) + "\" x2=\"" + (left + unit) + "\" y1=\"24\" y2=\"" + y
                + "\" stroke=\"black\"/>\n<text x=\"" + (left + unit)
                + "\" y=\"18\" text-anchor=\"middle\">target</text>\n");
        return svg.append("</svg>\n").toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
