package dev.docs.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.docs.domain.Caller;
import dev.docs.domain.DocumentQuery.MetadataCondition;
import dev.docs.domain.DocumentQuery.Sort;
import dev.docs.domain.DocumentStatus;
import dev.docs.domain.Position;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

final class ListRequestTest {
    private static final Caller ALICE = Caller.user("alice");
    private static final UUID ID = UUID.fromString("0193584f-5d6e-7000-8000-000000000001");
    private static final String SHA256 = "0123456789abcdef".repeat(4);

    @Test
    void withoutParametersTheCallersActiveDocumentsComeNewestFirst() {
        ListRequest request = parse();
        assertThat(request.query().userId()).isEqualTo("alice");
        assertThat(request.query().statuses()).containsExactly(DocumentStatus.ACTIVE);
        assertThat(request.query().sort()).isEqualTo(Sort.CREATED);
        assertThat(request.query().descending()).isTrue();
        assertThat(request.limit()).isEqualTo(50);
        assertThat(request.count()).isFalse();
        assertThat(request.after()).isNull();
    }

    @Test
    void every_key_and_every_value_of_metadata_can_be_asked_for() {
        assertThat(parse(
                                "metadata=a\\:b:c:d",
                                "metadata=a\\\\:b",
                                "metadata=a\\b:c",
                                "metadata=\\::*",
                                "metadata=a:\\*",
                                "metadata=a:\\\\*",
                                "metadata=a:\\",
                                "metadata=a:**",
                                "metadata=a:")
                        .query()
                        .metadata())
                .containsExactly(
                        new MetadataCondition("a:b", "c:d"),
                        new MetadataCondition("a\\", "b"),
                        new MetadataCondition("a\\b", "c"),
                        new MetadataCondition(":", null),
                        new MetadataCondition("a", "*"),
                        new MetadataCondition("a", "\\*"),
                        new MetadataCondition("a", "\\"),
                        new MetadataCondition("a", "**"),
                        new MetadataCondition("a", ""));
    }

    @Test
    void everyFilterReachesTheQuery() {
        var query = parse(
                        "name=report",
                        "name_prefix=re",
                        "mime_type=image/*",
                        "metadata=project:apollo",
                        "metadata=a.b:c:d",
                        "metadata=tag:*",
                        "created_after=2026-11-23T10:15:30Z",
                        "created_before=2026-11-24T10:15:30.5+01:00",
                        "updated_after=1970-01-01T00:00:00Z",
                        "updated_before=2027-01-01T00:00:00Z",
                        "min_size=0",
                        "max_size=999999999999999999",
                        "sha256=" + SHA256,
                        "user_id=bob",
                        "status=archived",
                        "status=error")
                .query();
        assertThat(query.userId()).isEqualTo("bob");
        assertThat(query.statuses()).isEqualTo(Set.of(DocumentStatus.ARCHIVED, DocumentStatus.ERROR));
        assertThat(query.nameContains()).isEqualTo("report");
        assertThat(query.namePrefix()).isEqualTo("re");
        assertThat(query.mimeType()).isEqualTo("image/*");
        assertThat(query.metadata())
                .containsExactly(
                        new MetadataCondition("project", "apollo"),
                        new MetadataCondition("a.b", "c:d"),
                        new MetadataCondition("tag", null));
        assertThat(query.createdAfter()).isEqualTo(Instant.parse("2026-11-23T10:15:30Z"));
        assertThat(query.createdBefore()).isEqualTo(Instant.parse("2026-11-24T09:15:30.500Z"));
        assertThat(query.updatedAfter()).isEqualTo(Instant.EPOCH);
        assertThat(query.updatedBefore()).isEqualTo(Instant.parse("2027-01-01T00:00:00Z"));
        assertThat(query.minSize()).isZero();
        assertThat(query.maxSize()).isEqualTo(999_999_999_999_999_999L);
        assertThat(query.sha256()).isEqualTo(SHA256);
        assertThat(parse("status=pending", "status=any").query().statuses()).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource({
        "created_at, CREATED, false", "-created_at, CREATED, true", "updated_at, UPDATED, false",
        "-updated_at, UPDATED, true", "name, NAME, false", "-name, NAME, true",
        "size_bytes, SIZE, false", "-size_bytes, SIZE, true"
    })
    void everySortIsKnown(String sort, Sort expected, boolean descending) {
        assertThat(parse("sort=" + sort).query())
                .returns(expected, query -> query.sort())
                .returns(descending, query -> query.descending());
    }

    @Test
    void aPageHasOneToTwoHundredItems() {
        assertThat(parse("limit=1").limit()).isEqualTo(1);
        assertThat(parse("limit=200", "count=true").limit()).isEqualTo(200);
        assertThat(refused("limit=201").errors()).singleElement().returns(200L, Problem.Fault::limit);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status=deleted",
                "status=ACTIVE",
                "status=",
                "name=",
                "name=\u0000",
                "name=\ud800",
                "name_prefix=",
                "name_prefix=a\u0000",
                "mime_type=pdf",
                "mime_type=*/*",
                "mime_type=image/",
                "mime_type=IMAGE/PNG",
                "mime_type=",
                "metadata=",
                "metadata=project",
                "metadata=:value",
                "metadata=key\\:value",
                "metadata=key:\u0000",
                "metadata=\u0000:value",
                "metadata=key:\udfff",
                "created_after=yesterday",
                "created_after=2026-11-23",
                "created_before=2026-13-01T00:00:00Z",
                "created_before=1969-12-31T23:59:59Z",
                "updated_after=+1000000000-12-31T23:59:59Z",
                "updated_before=",
                "updated_before=9999-12-31T23:59:59Z",
                "min_size=-1",
                "min_size=1.5",
                "min_size=1e3",
                "max_size=9999999999999999999",
                "max_size=\u0661",
                "max_size=",
                "sha256=abc",
                "sha256=0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
                "user_id=",
                "user_id=a\u0007b",
                "sort=id",
                "sort=",
                "sort=-",
                "sort=--name",
                "sort=NAME",
                "limit=0",
                "limit=-1",
                "limit=ten",
                "limit=",
                "limit=99999999999",
                "count=yes",
                "count=",
                "count=1",
                "cursor=",
                "cursor=!",
                "cursor=AAAA",
                "page=2",
                "Name=x",
                "nmae_prefix=x",
                "offset=1"
            })
    void aWrongOrUnknownParameterIsRefusedByName(String parameter) {
        String name = parameter.substring(0, parameter.indexOf('='));
        Problem problem = refused(parameter);
        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem.errors()).singleElement().returns(name, Problem.Fault::parameter);
        assertThat(problem.detail()).contains("'" + name + "'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name=a",
                "name_prefix=a",
                "mime_type=a/b",
                "created_after=2026-11-23T10:15:30Z",
                "created_before=2026-11-23T10:15:30Z",
                "updated_after=2026-11-23T10:15:30Z",
                "updated_before=2026-11-23T10:15:30Z",
                "min_size=1",
                "max_size=1",
                "user_id=a",
                "sort=name",
                "sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "limit=5",
                "count=true",
                "cursor=AAAA"
            })
    void aSingleParameterIsNotRepeated(String parameter) {
        String name = parameter.substring(0, parameter.indexOf('='));
        Problem problem = refused(parameter, parameter);
        assertThat(problem.errors()).singleElement().returns(name, Problem.Fault::parameter);
        assertThat(problem.detail()).contains("more than once");
    }

    @Property(tries = 300)
    void anyValueOfAnyParameterIsTakenOrRefusedByName(@ForAll String value) {
        for (String name : List.of(
                "status",
                "name",
                "name_prefix",
                "mime_type",
                "metadata",
                "created_after",
                "min_size",
                "sha256",
                "user_id",
                "sort",
                "limit",
                "count",
                "cursor")) {
            try {
                parse(name + "=" + value);
            } catch (Problem.Raised refused) {
                assertThat(refused.problem().status()).isEqualTo(400);
                assertThat(refused.problem().errors()).singleElement().returns(name, Problem.Fault::parameter);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "created_at, ''",
        "-created_at, ''",
        "updated_at, 1795601730000",
        "size_bytes, 0",
        "name, \u00fcbersicht \ud83d\udcc4.pdf",
        "-name, a"
    })
    void aCursorLeadsBackToItsPosition(String sort, String key) {
        Position position = new Position(key, ID);
        String cursor = parse("sort=" + sort, "name=x").cursor(position);
        assertThat(cursor).matches("[A-Za-z0-9_-]+");
        assertThat(parse("limit=7", "cursor=" + cursor, "name=x", "count=true", "sort=" + sort)
                        .after())
                .isEqualTo(position);
    }

    @Test
    void aCursorOfAnotherListIsRefused() {
        String cursor = "cursor=" + parse("name=x", "status=archived").cursor(new Position("", ID));
        assertThat(refused(cursor)).satisfies(ListRequestTest::namesTheCursor);
        assertThat(refused("name=x", cursor)).satisfies(ListRequestTest::namesTheCursor);
        for (String change : List.of("name=y", "status=archived", "min_size=1", "user_id=bob", "sort=name")) {
            assertThat(refused("name=x", "status=archived", change, cursor).status())
                    .as(change)
                    .isEqualTo(400);
        }
        for (String change : List.of("min_size=1", "user_id=bob", "sort=created_at", "sort=name")) {
            assertThat(refused("name=x", "status=archived", change, cursor))
                    .as(change)
                    .satisfies(ListRequestTest::namesTheCursor);
        }
        assertThat(catchThrowableOfType(
                        Problem.Raised.class,
                        () -> ListRequest.parse(Caller.user("bob"), parameters("name=x", "status=archived", cursor))))
                .isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"created_at, ''", "name, report", "size_bytes, 12345", "updated_at, 1795601730000"})
    void aDamagedOrShortenedCursorIsRefused(String sort, String key) {
        byte[] cursor = Base64.getUrlDecoder().decode(parse("sort=" + sort).cursor(new Position(key, ID)));
        for (int bit = 0; bit < cursor.length * 8; bit++) {
            byte[] damaged = cursor.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertCursorRefused(sort, damaged);
        }
        for (int length = 1; length < cursor.length; length++) {
            assertCursorRefused(sort, Arrays.copyOf(cursor, length));
        }
        assertCursorRefused(sort, Arrays.copyOf(cursor, cursor.length + 1));
    }

    private static void assertCursorRefused(String sort, byte[] cursor) {
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(cursor);
        assertThat(refused("sort=" + sort, "cursor=" + text)).satisfies(ListRequestTest::namesTheCursor);
    }

    private static void namesTheCursor(Problem problem) {
        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem.errors()).singleElement().returns("cursor", Problem.Fault::parameter);
    }

    private static Problem refused(String... pairs) {
        return Objects.requireNonNull(catchThrowableOfType(Problem.Raised.class, () -> parse(pairs)), "not refused")
                .problem();
    }

    private static ListRequest parse(String... pairs) {
        return ListRequest.parse(ALICE, parameters(pairs));
    }

    private static Map<String, List<String>> parameters(String... pairs) {
        return Arrays.stream(pairs)
                .collect(Collectors.groupingBy(
                        pair -> pair.substring(0, pair.indexOf('=')),
                        LinkedHashMap::new,
                        Collectors.mapping(pair -> pair.substring(pair.indexOf('=') + 1), Collectors.toList())));
    }
}
