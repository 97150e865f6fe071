package dev.docs.application;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.domain.DocumentNames;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;

final class ZipNamesTest {
    @Example
    void harmless_names_stay_as_they_are() {
        List<String> names =
                List.of("report.pdf", ".profile", "Übersicht \u5831\u544a.tar.gz", "a b", "-rf", "~", "\ud83d\ude00");

        assertThat(named(names)).isEqualTo(names);
    }

    @Example
    void nothing_leads_out_of_the_folder() {
        assertThat(named(List.of("../../etc/passwd", "..\\up", "/root", "C:\\x", "..", ".", "./.", "a/../b")))
                .containsExactly(".._.._etc_passwd", ".._up", "_root", "C__x", "_", "_ (2)", "._", "a_.._b");
    }

    @Example
    void nothing_is_a_device_or_loses_its_end_on_windows() {
        assertThat(named(List.of(
                        "CON",
                        "nul.txt",
                        "com1 .x.y",
                        "LPT\u00b9",
                        "Conin$",
                        "console",
                        "COM10",
                        "a. . ",
                        "b?.txt",
                        " ")))
                .containsExactly(
                        "_CON",
                        "_nul.txt",
                        "_com1 .x.y",
                        "_LPT\u00b9",
                        "_Conin$",
                        "console",
                        "COM10",
                        "a",
                        "b_.txt",
                        "_");
    }

    @Example
    void no_text_runs_backwards() {
        assertThat(named(List.of("photo\u202egpj.exe"))).containsExactly("photo_gpj.exe");
    }

    @Example
    void the_same_name_is_numbered_before_its_extension() {
        assertThat(named(List.of(
                        "a.tar.gz", "A.TAR.GZ", "a.tar (2).gz", "a.tar.gz", "b", "b", "e\u0301", "\u00c9", ".x", ".x")))
                .containsExactly(
                        "a.tar.gz",
                        "A.TAR (2).GZ",
                        "a.tar (2) (2).gz",
                        "a.tar (3).gz",
                        "b",
                        "b (2)",
                        "e\u0301",
                        "\u00c9 (2)",
                        ".x",
                        ".x (2)");
    }

    @Example
    void long_names_keep_their_extension() {
        String name = "\u5831".repeat(200) + ".docx";

        List<String> made = named(List.of(name, name));

        assertThat(made.get(0)).isEqualTo("\u5831".repeat(83) + ".docx");
        assertThat(made.get(1)).isEqualTo("\u5831".repeat(80) + " (2).docx");
    }

    /** If each name that differs only in what is cut off counted from the start, this would take minutes. */
    @Example
    void ten_thousand_hostile_names_are_numbered_on_and_on() {
        String long250 = "\u0390".repeat(120);
        List<String> names = IntStream.range(0, 10_000)
                .mapToObj(i -> long250 + String.format(Locale.ROOT, "%013d", i / 2))
                .toList();

        requireDistinct(named(names));
    }

    @Property(tries = 2000)
    void every_name_is_safe_distinct_and_the_same_again(@ForAll("lists") List<String> names) {
        List<String> made = named(names);

        assertThat(made).hasSameSizeAs(names).allSatisfy(ZipNamesTest::requireSafe);
        requireDistinct(made);
        assertThat(named(names)).isEqualTo(made);
    }

    @Provide
    Arbitrary<List<String>> lists() {
        Arbitrary<String> pieces = Arbitraries.of(
                "a",
                "A",
                ".",
                "..",
                " ",
                "/",
                "\\",
                "con",
                "NUL",
                "com1",
                "LPT\u00b2",
                ".txt",
                "(2)",
                " (2)",
                " (3).txt",
                "\u00e9",
                "e\u0301",
                "\u0130",
                "\u0131",
                "\u00df",
                "\u1e9e",
                "\ufb03",
                "\u202e",
                "\u2028",
                ":",
                "$",
                "conin$",
                "\ud83d\ude00",
                "\u0390".repeat(100),
                "x".repeat(120),
                " ".repeat(240),
                ".".repeat(30) + "e".repeat(31));
        Arbitrary<String> built = pieces.list().ofMinSize(1).ofMaxSize(6).map(list -> String.join("", list));
        Arbitrary<String> any = Arbitraries.strings().all().ofMinLength(1).ofMaxLength(300);
        return Arbitraries.frequencyOf(Tuple.of(4, built), Tuple.of(1, any))
                .filter(name -> !name.isEmpty())
                .list()
                .ofMaxSize(40);
    }

    private static List<String> named(List<String> names) {
        ZipNames made = new ZipNames();
        List<String> all = new ArrayList<>();
        names.forEach(name -> all.add(made.add(name)));
        return all;
    }

    private static void requireSafe(String name) {
        assertThat(name).isNotEmpty().doesNotEndWith(".").doesNotEndWith(" ");
        assertThat(name.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(255);
        assertThat(new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .isEqualTo(name);
        assertThat(name.codePoints())
                .noneMatch(c -> Character.isISOControl(c) || "/\\:*?\"<>|\u2028\u2029\u202e".indexOf(c) >= 0);
        int dot = name.indexOf('.');
        String device =
                (dot < 0 ? name : name.substring(0, dot)).stripTrailing().toUpperCase(Locale.ROOT);
        assertThat(Set.of("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "COM1", "LPT1", "LPT\u00b2"))
                .doesNotContain(device);
    }

    /** For Windows and macOS, too, each in a way of its own. */
    private static void requireDistinct(List<String> names) {
        assertThat(distinct(names.stream().map(DocumentNames::key).toList())).isTrue();
        assertThat(distinct(names.stream()
                        .map(name -> name.toUpperCase(Locale.ROOT))
                        .toList()))
                .isTrue();
        assertThat(distinct(names.stream()
                        .map(name ->
                                Normalizer.normalize(name, Normalizer.Form.NFD).toLowerCase(Locale.ROOT))
                        .toList()))
                .isTrue();
    }

    private static boolean distinct(List<String> keys) {
        return new HashSet<>(keys).size() == keys.size();
    }
}
