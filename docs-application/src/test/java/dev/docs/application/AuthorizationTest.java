package dev.docs.application;

import static dev.docs.application.House.ANN;
import static dev.docs.application.House.BOB;
import static dev.docs.application.House.LARGE;
import static dev.docs.application.House.ROOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.docs.domain.AccessPolicy;
import dev.docs.domain.AccessPolicy.Action;
import dev.docs.domain.BulkItem;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentAccessException;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentNotFoundException;
import dev.docs.domain.DocumentQuery;
import dev.docs.domain.Quota;
import dev.docs.domain.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/** Every use case, called by everybody. */
final class AuthorizationTest {
    /** What a call acts on, and so how it is refused. */
    private enum On {
        DOCUMENT,
        OWNER,
        USERS
    }

    /**
     * A row of the table.
     *
     * @param method name and parameter types after the caller
     * @param reads whether a colleague who may read may make it
     */
    private record Row(String method, On on, boolean reads, Call call) {
        @Override
        public String toString() {
            return method;
        }
    }

    private interface Call {
        void by(Caller caller, DocumentService documents, UUID id);
    }

    private static final NewDocument FOR_ANN = NewDocument.named("new").ownedBy("ann");
    private static final UUID NOBODYS = new UUID(0, 1);
    private static final DocumentQuery OF_ANN = DocumentQuery.of("ann");

    private static List<Row> table() {
        return List.of(
                new Row(
                        "create(NewDocument,NewContent)",
                        On.OWNER,
                        false,
                        (caller, documents, id) -> documents.create(caller, FOR_ANN, content())),
                new Row(
                        "create(NewDocument,NewContent,String)",
                        On.OWNER,
                        false,
                        (caller, documents, id) -> documents.create(caller, FOR_ANN, content(), "key")),
                new Row(
                        "reserve(NewDocument,String)",
                        On.OWNER,
                        false,
                        (caller, documents, id) -> documents.reserve(caller, FOR_ANN, "key")),
                new Row(
                        "reserve(NewDocument)",
                        On.OWNER,
                        false,
                        (caller, documents, id) -> documents.reserve(caller, FOR_ANN)),
                new Row(
                        "beginUpload(NewDocument,String)",
                        On.OWNER,
                        false,
                        (caller, documents, id) -> documents.beginUpload(caller, FOR_ANN, "")),
                new Row(
                        "beginUpload(UUID,Precondition,String,Long,String)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) -> documents.beginUpload(caller, id, null, null, 1L, "")),
                new Row(
                        "list(DocumentQuery,Position,int)",
                        On.OWNER,
                        true,
                        (caller, documents, id) -> assertThat(
                                        documents.list(caller, OF_ANN, null, 9).items())
                                .isNotEmpty()),
                new Row(
                        "count(DocumentQuery,long)",
                        On.OWNER,
                        true,
                        (caller, documents, id) ->
                                assertThat(documents.count(caller, OF_ANN, 9)).isPositive()),
                new Row(
                        "usage(String)",
                        On.OWNER,
                        true,
                        (caller, documents, id) -> assertThat(
                                        documents.usage(caller, "ann").usage().usedBytes())
                                .isPositive()),
                new Row(
                        "get(UUID)",
                        On.DOCUMENT,
                        true,
                        (caller, documents, id) ->
                                assertThat(documents.get(caller, id).id()).isEqualTo(id)),
                new Row(
                        "content(UUID)",
                        On.DOCUMENT,
                        true,
                        (caller, documents, id) -> assertThat(TestContent.read(documents.content(caller, id)))
                                .hasSize(LARGE)),
                new Row(
                        "content(UUID,int)",
                        On.DOCUMENT,
                        true,
                        (caller, documents, id) -> assertThat(TestContent.read(documents.content(caller, id, 1)))
                                .hasSize(LARGE)),
                new Row(
                        "version(UUID,int)",
                        On.DOCUMENT,
                        true,
                        (caller, documents, id) -> assertThat(
                                        documents.version(caller, id, 1).number())
                                .isEqualTo(1)),
                new Row(
                        "versions(UUID,int,int)",
                        On.DOCUMENT,
                        true,
                        (caller, documents, id) ->
                                assertThat(documents.versions(caller, id, 9, 9)).hasSize(2)),
                new Row(
                        "change(UUID,Precondition,DocumentChanges)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) ->
                                documents.change(caller, id, Precondition.NONE, DocumentChanges.name("changed"))),
                new Row(
                        "archive(UUID,Precondition)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) -> documents.archive(caller, id, Precondition.NONE)),
                new Row(
                        "restore(UUID,Precondition)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) -> documents.restore(caller, id, Precondition.NONE)),
                new Row(
                        "replaceContent(UUID,Precondition,NewContent)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) -> documents.replaceContent(caller, id, Precondition.NONE, content())),
                new Row(
                        "replaceContent(UUID,Precondition,NewContent,String)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) ->
                                documents.replaceContent(caller, id, Precondition.NONE, content(), "key")),
                new Row(
                        "replaceContent(UUID,Precondition,NewContent,String,int)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) ->
                                documents.replaceContent(caller, id, Precondition.NONE, content(), "key", 1)),
                new Row(
                        "restoreVersion(UUID,int,Precondition)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) -> documents.restoreVersion(caller, id, 1, Precondition.NONE)),
                new Row(
                        "restoreVersion(UUID,int,Precondition,String)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) -> documents.restoreVersion(caller, id, 1, Precondition.NONE, "key")),
                new Row(
                        "restoreVersion(UUID,int,Precondition,String,int)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) ->
                                documents.restoreVersion(caller, id, 1, Precondition.NONE, "key", 2)),
                new Row(
                        "dropVersion(UUID,int,Precondition)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) -> documents.dropVersion(caller, id, 1, Precondition.NONE)),
                new Row(
                        "takeBack(UUID,Precondition,String)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) -> documents.takeBack(caller, id, Precondition.NONE, "key")),
                new Row(
                        "purge(UUID,Precondition)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) -> documents.purge(caller, id, Precondition.NONE)),
                new Row(
                        "bulk(BulkRequest,BulkListener)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) -> requireAllowed(documents
                                .bulk(caller, BulkRequest.of(BulkRequest.Action.PURGE, List.of(id)), BulkListener.NONE)
                                .items())),
                new Row(
                        "bulk(BulkRequest,BulkListener,String)",
                        On.OWNER,
                        false,
                        (caller, documents, id) -> requireAllowed(documents
                                .bulk(caller, BulkRequest.update(OF_ANN, Map.of("k", 1)), BulkListener.NONE, "key")
                                .items())),
                new Row(
                        "createAll(Iterator,Consumer)",
                        On.OWNER,
                        false,
                        (caller, documents, id) -> documents.createAll(
                                caller,
                                List.of(NewFile.of(FOR_ANN, content())).iterator(),
                                AuthorizationTest::requireCreated)),
                new Row(
                        "zip(List)",
                        On.DOCUMENT,
                        true,
                        (caller, documents, id) -> assertThat(
                                        documents.zip(caller, List.of(id)).sizeBytes())
                                .isEqualTo(LARGE)),
                new Row(
                        "zip(DocumentQuery)",
                        On.OWNER,
                        true,
                        (caller, documents, id) -> assertThat(
                                        documents.zip(caller, OF_ANN).sizeBytes())
                                .isEqualTo(LARGE)),
                new Row(
                        "preview(BulkRequest)",
                        On.DOCUMENT,
                        false,
                        (caller, documents, id) -> requireAllowed(documents
                                .preview(caller, BulkRequest.of(BulkRequest.Action.ARCHIVE, List.of(id)))
                                .refused())),
                new Row(
                        "setQuota(String,UnaryOperator)",
                        On.USERS,
                        false,
                        (caller, documents, id) -> documents.setQuota(caller, "ann", own -> own.withBytes(5L))),
                new Row(
                        "users(String,int)",
                        On.USERS,
                        false,
                        (caller, documents, id) -> assertThat(
                                        documents.users(caller, null, 9).items())
                                .isNotEmpty()),
                new Row(
                        "deleteUser(String)",
                        On.USERS,
                        false,
                        (caller, documents, id) -> documents.deleteUser(caller, "ann")));
    }

    private static List<Row> documentRows() {
        return table().stream().filter(row -> row.on == On.DOCUMENT).toList();
    }

    /** A bulk request tells of a document that is refused, where others throw. */
    private static void requireAllowed(List<BulkItem> items) {
        for (BulkItem item : items) {
            Refusal refusal = item.refusal();
            if (refusal != null) {
                throw refusal.kind() == DocumentException.Kind.ACCESS_DENIED
                        ? new DocumentAccessException(refusal.detail())
                        : new DocumentNotFoundException();
            }
        }
    }

    private static void requireCreated(Created result) {
        if (result.failure() != null) {
            throw result.failure();
        }
    }

    private static NewContent content() {
        return TestContent.unknown(LARGE);
    }

    private final House house = new House();
    private final DocumentData document = house.replace(house.create("a", LARGE), TestContent.known(LARGE));

    @Test
    void theTableHasEveryMethodThatTakesACaller() {
        Set<String> methods = Arrays.stream(DocumentService.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                .filter(method -> !Set.of("check", "requireSpace", "uploadsInParts", "uploadsUnderWay")
                        .contains(method.getName()))
                .map(AuthorizationTest::signature)
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(table().stream().map(Row::method)).containsExactlyInAnyOrderElementsOf(methods);
    }

    @ParameterizedTest
    @MethodSource("table")
    void aStrangerIsRefused(Row row) {
        Class<?> expected = row.on == On.DOCUMENT ? DocumentNotFoundException.class : DocumentAccessException.class;

        assertThatThrownBy(() -> row.call.by(BOB, house.documents, document.id()))
                .isExactlyInstanceOf(expected);

        requireUnchanged();
    }

    @ParameterizedTest
    @MethodSource("documentRows")
    void aStrangerLearnsNotWhetherADocumentExists(Row row) {
        house.documents.archive(ANN, document.id(), Precondition.NONE);
        Throwable foreign = House.failure(() -> row.call.by(BOB, house.documents, document.id()));
        Throwable missing = House.failure(() -> row.call.by(BOB, house.documents, NOBODYS));

        assertThat(foreign)
                .hasSameClassAs(missing)
                .hasMessage(String.valueOf(missing.getMessage())
                        .replace(NOBODYS.toString(), document.id().toString()));
    }

    @ParameterizedTest
    @MethodSource("table")
    void theOwnerMayDoEverythingButAdministrate(Row row) {
        if (row.on == On.USERS) {
            assertThatThrownBy(() -> row.call.by(ANN, house.documents, document.id()))
                    .isExactlyInstanceOf(DocumentAccessException.class);
            requireUnchanged();
        } else {
            row.call.by(ANN, house.documents, document.id());
        }
    }

    @ParameterizedTest
    @MethodSource("table")
    void anAdministratorMayDoEverything(Row row) {
        row.call.by(ROOT, house.documents, document.id());
    }

    @ParameterizedTest
    @MethodSource("table")
    void aPolicyMayLetAColleagueReadButNotWrite(Row row) {
        AccessPolicy shared = (caller, action, userId, any) ->
                AccessPolicy.ownerOrAdministrator().permits(caller, action, userId, any) || action == Action.READ;
        DocumentService documents = Docs.builder()
                .repository(house.rows)
                .store("main", house.store)
                .limits(House.LIMITS)
                .clock(house.clock)
                .accessPolicy(shared)
                .build()
                .documents();

        if (row.reads) {
            row.call.by(BOB, documents, document.id());
        } else {
            assertThatThrownBy(() -> row.call.by(BOB, documents, document.id()))
                    .isExactlyInstanceOf(DocumentAccessException.class);
        }
        requireUnchanged();
    }

    @Test
    void aStrangersContentIsNotEvenRead() {
        House.failure(() -> house.documents.create(BOB, FOR_ANN, TestContent.untouchable()));
        House.failure(
                () -> house.documents.replaceContent(BOB, document.id(), Precondition.NONE, TestContent.untouchable()));

        requireUnchanged();
    }

    @Test
    void aCallerWhoseRightsEndDuringAnUploadCannotPublish() {
        boolean[] allowed = {true};
        AccessPolicy policy = (caller, action, userId, any) -> allowed[0];
        DocumentService documents = Docs.builder()
                .repository(house.rows)
                .store("main", house.store)
                .limits(House.LIMITS)
                .clock(house.clock)
                .accessPolicy(policy)
                .build()
                .documents();
        NewContent content = NewContent.of(TestContent.then(LARGE, () -> {
            allowed[0] = false;
            return -1;
        }));

        assertThatThrownBy(() -> documents.replaceContent(BOB, document.id(), Precondition.NONE, content))
                .isExactlyInstanceOf(DocumentNotFoundException.class);

        requireUnchanged();
    }

    private void requireUnchanged() {
        assertThat(house.now(document)).isEqualTo(document);
        assertThat(house.rows.count(OF_ANN, 9)).isEqualTo(1);
        assertThat(house.rows.quota("ann")).isEqualTo(Quota.Own.NONE);
        house.requireNothingLeft();
    }

    private static String signature(Method method) {
        Class<?>[] types = method.getParameterTypes();
        assertThat(types).as(method.getName()).startsWith(Caller.class);
        return method.getName()
                + Arrays.stream(types).skip(1).map(Class::getSimpleName).collect(Collectors.joining(",", "(", ")"));
    }
}
