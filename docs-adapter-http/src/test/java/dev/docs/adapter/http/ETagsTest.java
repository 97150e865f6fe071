package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.Metadata;
import dev.docs.domain.StorageUrl;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

final class ETagsTest {
    private static final DocumentData PENDING = DocumentData.pending(
            UUID.fromString("0193584f-5d6e-7000-8000-000000000001"),
            "alice",
            "report.pdf",
            null,
            Metadata.EMPTY,
            Instant.parse("2026-11-23T10:15:30Z"));
    private static final DocumentData ACTIVE = PENDING.publish(
            new Content(new StorageUrl("main", "one"), "text/plain", 3, "ab".repeat(32)),
            null,
            Instant.parse("2026-11-23T10:15:31Z"));
    private static final String DOCUMENT = ETags.of(ACTIVE);
    private static final String CONTENT = ETags.of(Objects.requireNonNull(ACTIVE.content()));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"a\"",
                " \"a\" ",
                "\"x\",\"a\"",
                "\"x\" , \"a\" , \"y\"",
                "\"x\",\t\"a\"",
                "W/\"x\",\"a\"",
                "\"x\",,\"a\"",
                ", \"a\"",
                "\"a\",",
                "*"
            })
    void aTagIsFoundWhereverItStandsInTheList(String header) {
        assertThat(parsed(header).matchStrongly("\"a\"")).isTrue();
        assertThat(parsed(header).matchWeakly("\"a\"")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"b\"", "\"A\"", "\"\"", "\"a,b\"", "\"*\"", "\"\u00e4\""})
    void anotherTagMatchesNothing(String header) {
        assertThat(parsed(header).matchStrongly("\"a\"")).isFalse();
        assertThat(parsed(header).matchWeakly("\"a\"")).isFalse();
    }

    @Test
    void aWeakTagMatchesInWeakComparisonOnly() {
        assertThat(parsed("W/\"a\"").matchWeakly("\"a\"")).isTrue();
        assertThat(parsed("W/\"a\"").matchStrongly("\"a\"")).isFalse();
    }

    @Test
    void aCommaInsideATagEndsNothing() {
        assertThat(parsed("\"a,b\", \"c\"").matchStrongly("\"a,b\"")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ",",
                "a",
                "\"a",
                "a\"",
                "\"a\" \"b\"",
                "\"a\"b",
                "w/\"a\"",
                "W/ \"a\"",
                "W/a",
                "* , \"a\"",
                "\"a\", *",
                "**",
                "\"a b\"",
                "\"a\"\"b\"",
                "'a'",
                "\"\u0000\"",
                "\"\u7fff\""
            })
    void aMalformedHeaderIsRefusedByName(String header) {
        for (String name : new String[] {"If-Match", "If-None-Match"}) {
            Problem problem = catchThrowableOfType(Problem.Raised.class, () -> ETags.parse(name, header))
                    .problem();
            assertThat(problem.status()).isEqualTo(400);
            assertThat(problem.errors()).singleElement().returns(name, Problem.Fault::header);
        }
    }

    @Property
    void anyTextIsAListOfTagsOrRefused(@ForAll String header) {
        try {
            ETags.parse("If-Match", header);
        } catch (Problem.Raised refused) {
            assertThat(refused.problem().status()).isEqualTo(400);
        }
    }

    @Test
    void aMissingHeaderDemandsNothing() {
        assertThat(ETags.parse("If-Match", null)).isNull();
    }

    @Test
    void tagsAreStrongAndTellStatesApart() {
        assertThat(DOCUMENT).isEqualTo("\"r" + ACTIVE.revision() + "\"").isNotEqualTo(ETags.of(PENDING));
        assertThat(CONTENT).isEqualTo("\"sha256-" + "ab".repeat(32) + "\"");
    }

    private static ETags parsed(String header) {
        return Objects.requireNonNull(ETags.parse("If-Match", header));
    }
}
