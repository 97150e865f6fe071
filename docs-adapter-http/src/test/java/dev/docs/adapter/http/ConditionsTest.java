package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.docs.adapter.http.Conditions.Outcome;
import dev.docs.domain.Content;
import dev.docs.domain.DocumentData;
import dev.docs.domain.Metadata;
import dev.docs.domain.StorageUrl;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

final class ConditionsTest {
    private static final Instant CREATED = Instant.parse("2026-11-23T10:15:30Z");
    private static final DocumentData PENDING = DocumentData.pending(
            UUID.fromString("0193584f-5d6e-7000-8000-000000000001"),
            "alice",
            "report.pdf",
            null,
            Metadata.EMPTY,
            CREATED);
    private static final DocumentData ACTIVE = PENDING.publish(
            new Content(new StorageUrl("main", "one"), "text/plain", 3, "ab".repeat(32)),
            null,
            Instant.parse("2026-11-23T10:15:31.999Z"));
    private static final String DOCUMENT = ETags.of(ACTIVE);
    private static final String CONTENT = ETags.of(Objects.requireNonNull(ACTIVE.content()));

    /** Of something with the tag "a" that was changed at 10:15:31.999; a dash is no header. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "-,   -,  -,     -,  PROCEED",
                // step 1: If-Match
                "'\"a\"', -, -, -, PROCEED",
                "'\"b\"', -, -, -, FAILED",
                "'W/\"a\"', -, -, -, FAILED",
                "'*', -, -, -, PROCEED",
                // step 2: If-Unmodified-Since, only without If-Match
                "-, 31, -, -, PROCEED",
                "-, 30, -, -, FAILED",
                "'\"a\"', 30, -, -, PROCEED",
                "'\"b\"', 31, -, -, FAILED",
                // step 3: If-None-Match
                "-, -, '\"a\"', -, NOT_MODIFIED",
                "-, -, 'W/\"a\"', -, NOT_MODIFIED",
                "-, -, '\"b\", \"a\"', -, NOT_MODIFIED",
                "-, -, '*', -, NOT_MODIFIED",
                "-, -, '\"b\"', -, PROCEED",
                // step 4: If-Modified-Since, only without If-None-Match
                "-, -, -, 31, NOT_MODIFIED",
                "-, -, -, 30, PROCEED",
                "-, -, '\"b\"', 31, PROCEED",
                "-, -, '\"a\"', 30, NOT_MODIFIED",
                // what must hold comes before what is known
                "'\"b\"', -, '\"a\"', -, FAILED",
                "'\"a\"', -, '\"a\"', -, NOT_MODIFIED",
                "-, 30, -, 31, FAILED",
                "-, 31, '\"a\"', -, NOT_MODIFIED"
            })
    void readingIsDecidedInTheOrderOfTheRfc(
            String ifMatch, String ifUnmodifiedSince, String ifNoneMatch, String ifModifiedSince, Outcome expected) {
        Conditions conditions = new Conditions(
                ETags.parse("If-Match", header(ifMatch)),
                second(ifUnmodifiedSince),
                ETags.parse("If-None-Match", header(ifNoneMatch)),
                second(ifModifiedSince));
        assertThat(conditions.onReading("\"a\"", ACTIVE.updatedAt())).isEqualTo(expected);
    }

    private static @Nullable String header(String cell) {
        return cell.equals("-") ? null : cell;
    }

    private static @Nullable Instant second(String cell) {
        return cell.equals("-") ? null : Instant.parse("2026-11-23T10:15:" + cell + "Z");
    }

    @Test
    void ifMatchTakesTheTagOfTheDocumentOrOfItsContent() {
        assertThat(holds(DOCUMENT, null, ACTIVE)).isTrue();
        assertThat(holds(CONTENT, null, ACTIVE)).isTrue();
        assertThat(holds("\"other\", " + CONTENT, null, ACTIVE)).isTrue();
        assertThat(holds("\"other\"", null, ACTIVE)).isFalse();
        assertThat(holds(ETags.of(PENDING), null, ACTIVE)).isFalse();
        assertThat(holds(CONTENT, null, PENDING)).isFalse();
        assertThat(holds("W/" + DOCUMENT, null, ACTIVE)).isFalse();
    }

    @Test
    void ifNoneMatchRefusesTheTagsItNames() {
        assertThat(holds(null, DOCUMENT, ACTIVE)).isFalse();
        assertThat(holds(null, CONTENT, ACTIVE)).isFalse();
        assertThat(holds(null, "W/" + DOCUMENT, ACTIVE)).isFalse();
        assertThat(holds(null, "\"other\"", ACTIVE)).isTrue();
    }

    @Test
    void aStarSpeaksOfContentWhereContentIsChangedAndElseOfTheDocument() {
        assertThat(holds(null, "*", PENDING)).isTrue();
        assertThat(holds(null, "*", ACTIVE)).isFalse();
        assertThat(holds("*", null, PENDING)).isFalse();
        assertThat(holds("*", null, ACTIVE)).isTrue();

        assertThat(conditions(null, "*").ofDocument().holds(PENDING)).isFalse();
        assertThat(conditions("*", null).ofDocument().holds(PENDING)).isTrue();
    }

    @Test
    void bothHeadersMustHold() {
        assertThat(holds(DOCUMENT, "\"other\"", ACTIVE)).isTrue();
        assertThat(holds(DOCUMENT, CONTENT, ACTIVE)).isFalse();
        assertThat(holds("\"other\"", "\"other\"", ACTIVE)).isFalse();
    }

    @Test
    void aChangeMayBeBoundToATimeUnlessATagBindsIt() {
        Instant second = Instant.parse("2026-11-23T10:15:31Z");
        ETags other = ETags.parse("If-Match", "\"other\"");
        ETags same = ETags.parse("If-Match", DOCUMENT);

        assertThat(new Conditions(null, second, null, null).ofDocument().holds(ACTIVE))
                .isTrue();
        assertThat(new Conditions(null, CREATED, null, null).ofDocument().holds(ACTIVE))
                .isFalse();
        assertThat(new Conditions(other, second, null, null).ofDocument().holds(ACTIVE))
                .isFalse();
        assertThat(new Conditions(same, CREATED, null, null).ofDocument().holds(ACTIVE))
                .isTrue();
        // means nothing but to GET and HEAD
        assertThat(new Conditions(null, null, null, second).ofDocument().holds(ACTIVE))
                .isTrue();
    }

    private static boolean holds(@Nullable String ifMatch, @Nullable String ifNoneMatch, DocumentData document) {
        return conditions(ifMatch, ifNoneMatch).ofContent().holds(document);
    }

    private static Conditions conditions(@Nullable String ifMatch, @Nullable String ifNoneMatch) {
        return new Conditions(ETags.parse("If-Match", ifMatch), null, ETags.parse("If-None-Match", ifNoneMatch), null);
    }
}
