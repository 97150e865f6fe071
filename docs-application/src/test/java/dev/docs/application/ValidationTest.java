package dev.docs.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.DocumentValidationException.Problem;
import dev.docs.domain.Metadata;
import dev.docs.domain.Quota;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Collections;
import java.util.List;
import java.util.Map;

final class ValidationTest {
    private static final Limits TIGHT = new Limits(5, 30, 2, 3, 100, Quota.UNLIMITED.withBytes(1_000), 10);

    private final Validation validation = new Validation(TIGHT);

    @ParameterizedTest
    @ValueSource(strings = {"a", "abcde", "äöüßé", "😀😀😀😀😀", " a b ", "../x", "a/b\\c"})
    void acceptsNamesWithinTheLimit(String name) {
        assertThatCode(() -> validation.checkName(name)).doesNotThrowAnyException();
        assertThatCode(() -> validation.check(NewDocument.named(name))).doesNotThrowAnyException();
    }

    @Test
    void countsANameInCodePoints() {
        requireProblem(
                () -> validation.checkName("😀😀😀😀😀x"), "name", "has 6 characters, at most 5 are allowed", 5L);
        requireProblem(() -> validation.checkName("abcdef"), "name", "has 6 characters, at most 5 are allowed", 5L);
    }

    @Test
    void appliesTheDomainsOwnRuleForNamesToo() {
        requireProblem(() -> validation.checkName(""), "name", "must not be empty", 1L);
        requireProblem(
                () -> new Validation(Limits.DEFAULT).checkName("x".repeat(256)),
                "name",
                "has 256 characters, at most 255 are allowed",
                255L);
        for (String bad : List.of("a\nb", "\0", "\u0085", "\ud800")) {
            Problem problem = onlyProblem(() -> validation.checkName(bad));
            assertThat(problem.field()).isEqualTo("name");
            assertThat(problem.limit()).isNull();
            assertThat(problem.detail()).isNotBlank();
        }
    }

    @Test
    void limitsTheDepthOfMetadata() {
        Map<String, ?> flat = Map.of("a", 1);
        Map<String, ?> nested = Map.of("a", flat);
        accept(flat);
        accept(nested);
        accept(Map.of("a", List.of(1)));

        refuse(Map.of("a", nested), "has 3 levels of nesting, at most 2 are allowed", 2);
        refuse(Map.of("a", List.of(List.of())), "has 3 levels of nesting, at most 2 are allowed", 2);
    }

    @Test
    void limitsTheEntriesOfMetadataAtEveryDepth() {
        accept(Map.of("a", 1, "b", 2, "c", 3));
        accept(Map.of("a", List.of(1, 2)));

        refuse(Map.of("a", 1, "b", 2, "c", 3, "d", 4), "has 4 entries, at most 3 are allowed", 3);
        refuse(Map.of("a", List.of(1, 2, 3)), "has 4 entries, at most 3 are allowed", 3);
    }

    @Test
    void limitsTheBytesOfMetadata() {
        accept(Map.of("a", "x".repeat(22)));
        accept(Map.of("a", "é".repeat(11)));

        refuse(Map.of("a", "x".repeat(23)), "has 31 bytes, at most 30 are allowed", 30);
        refuse(Map.of("a", "é".repeat(12)), "has 32 bytes, at most 30 are allowed", 30);
    }

    @Test
    void acceptsWhatTheDefaultLimitsPromise() {
        Validation defaults = new Validation(Limits.DEFAULT);
        Metadata widest = Metadata.of(Map.of("a", Collections.nCopies(255, 1)));

        defaults.check(NewDocument.named("x".repeat(255)).withMetadata(widest));

        Metadata wider = Metadata.of(Map.of("a", Collections.nCopies(256, 1)));
        requireProblem(
                () -> defaults.checkMetadata(wider), "metadata", "has 257 entries, at most 256 are allowed", 256L);
    }

    @Test
    void refusesANegativeSize() {
        Problem problem = onlyProblem(() -> validation.check(new NewDocument(null, "a", null, Metadata.EMPTY, -1L)));

        assertThat(problem.field()).isEqualTo("size_bytes");
        validation.check(new NewDocument(null, "a", null, Metadata.EMPTY, 0L));
    }

    @Test
    void namesEveryProblemAtOnceInSnakeCaseWithItsLimit() {
        NewDocument bad = new NewDocument(null, "abcdef", null, Metadata.of(Map.of("a", List.of(1, 2, 3, 4))), -5L);

        List<Problem> problems = problems(() -> validation.check(bad));

        assertThat(problems).extracting(Problem::field).containsExactly("metadata", "name", "size_bytes");
        assertThat(problems).extracting(Problem::limit).containsExactly(3L, 5L, null);
        assertThat(problems).extracting(Problem::detail).noneMatch(String::isBlank);
    }

    @Test
    void checksWhatIsSaidOfContent() {
        validation.check(TestContent.announcing(1, 1L, "a".repeat(64)));
        validation.check(TestContent.announcing(1, null, null));

        for (String bad : List.of("", "a".repeat(63), "a".repeat(65), "A".repeat(64), "g".repeat(64))) {
            assertThat(onlyProblem(() -> validation.check(TestContent.announcing(1, null, bad)))
                            .field())
                    .isEqualTo("sha256");
        }
        assertThat(problems(() -> validation.check(TestContent.announcing(1, -1L, "x"))))
                .extracting(Problem::field)
                .containsExactly("sha256", "size_bytes");
    }

    @Test
    void takesNoValueForAnExpression() {
        NewDocument document = NewDocument.named("${1+1} {min}");

        Problem problem = onlyProblem(() -> validation.check(document));

        assertThat(problem.detail()).isEqualTo("has 12 characters, at most 5 are allowed");
    }

    @Test
    void refusesLimitsThatCannotBe() {
        assertThatCode(() -> new Limits(1, 2, 1, 0, 0, Quota.UNLIMITED, 0)).doesNotThrowAnyException();
        assertThatCode(() -> new Limits(255, 2, 32, 0, 0, Quota.UNLIMITED, 1 << 20))
                .doesNotThrowAnyException();
        List<ThrowingCallable> impossible = List.of(
                () -> new Limits(0, 2, 1, 0, 0, Quota.UNLIMITED, 0),
                () -> new Limits(256, 2, 1, 0, 0, Quota.UNLIMITED, 0),
                () -> new Limits(1, 1, 1, 0, 0, Quota.UNLIMITED, 0),
                () -> new Limits(1, 2, 0, 0, 0, Quota.UNLIMITED, 0),
                () -> new Limits(1, 2, 33, 0, 0, Quota.UNLIMITED, 0),
                () -> new Limits(1, 2, 1, -1, 0, Quota.UNLIMITED, 0),
                () -> Limits.DEFAULT.withDocumentBytes(-1),
                () -> Limits.DEFAULT.withQuotaBytes(-1),
                () -> Limits.DEFAULT.withInlineBytes(-1),
                () -> Limits.DEFAULT.withInlineBytes((1 << 20) + 1));

        impossible.forEach(limits -> assertThatIllegalArgumentException().isThrownBy(limits));
    }

    @Test
    void aLimitThatIsTightenedLaterLeavesStoredDocumentsReadable() {
        House house = new House();
        var stored = house.documents.create(
                House.ANN,
                NewDocument.named("a long name").withMetadata(Metadata.of(Map.of("a", "x".repeat(100)))),
                TestContent.known(House.LARGE));
        DocumentService tight = Docs.builder()
                .repository(house.rows)
                .store("main", house.store)
                .limits(TIGHT)
                .build()
                .documents();

        assertThat(tight.get(House.ANN, stored.id())).isEqualTo(stored);
        assertThat(TestContent.read(tight.content(House.ANN, stored.id()))).hasSize(House.LARGE);
        assertThat(tight.archive(House.ANN, stored.id(), Precondition.NONE).name())
                .isEqualTo("a long name");
    }

    private void accept(Map<String, ?> metadata) {
        validation.checkMetadata(Metadata.of(metadata));
        validation.check(NewDocument.named("a").withMetadata(Metadata.of(metadata)));
    }

    private void refuse(Map<String, ?> metadata, String detail, long limit) {
        Metadata bad = Metadata.of(metadata);
        requireProblem(() -> validation.checkMetadata(bad), "metadata", detail, limit);
        requireProblem(() -> validation.check(NewDocument.named("a").withMetadata(bad)), "metadata", detail, limit);
    }

    private static void requireProblem(ThrowingCallable call, String field, String detail, @Nullable Long limit) {
        assertThat(onlyProblem(call)).isEqualTo(new Problem(field, detail, limit));
    }

    private static Problem onlyProblem(ThrowingCallable call) {
        List<Problem> problems = problems(call);
        assertThat(problems).hasSize(1);
        return problems.get(0);
    }

    private static List<Problem> problems(ThrowingCallable call) {
        DocumentValidationException failure = catchThrowableOfType(DocumentValidationException.class, call);
        assertThat(failure).as("a problem was expected").isNotNull();
        return failure.problems();
    }
}
