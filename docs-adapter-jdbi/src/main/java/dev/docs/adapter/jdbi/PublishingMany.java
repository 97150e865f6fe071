package dev.docs.adapter.jdbi;

import dev.docs.domain.DocumentConflictException;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentException;
import dev.docs.domain.DocumentKeyException;
import dev.docs.domain.DocumentQuotaException;
import dev.docs.domain.DocumentRepository.Publication;
import dev.docs.domain.IdempotencyKey;
import dev.docs.domain.Quota;
import dev.docs.domain.Usage;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Many new documents in one transaction. In the order of all others: keys, documents, and the owner's usage last, which is
 * counted in one update. Only if they don't all fit is each asked for alone, and those that do not fit are removed again.
 */
final class PublishingMany {
    private final Handle handle;
    private final Statements statements;
    private final UsageCounters counters;
    private final List<Publication> all;
    private final @Nullable DocumentException[] refusals;

    PublishingMany(Handle handle, UsageCounters counters, List<Publication> all) {
        this.handle = handle;
        this.statements = Attached.statements(handle);
        this.counters = counters;
        this.all = all;
        this.refusals = new DocumentException[all.size()];
    }

    List<Optional<DocumentException>> publish(Quota defaults) {
        takeKeys();
        TreeMap<String, List<Integer>> byOwner = new TreeMap<>();
        for (int i : admitted()) {
            byOwner.computeIfAbsent(next(i).userId(), owner -> new ArrayList<>())
                    .add(i);
        }
        byOwner.keySet().forEach(owner -> JdbiDocumentRepository.makeUser(statements, owner));
        insert();
        byOwner.forEach((owner, places) -> admit(owner, places, defaults));
        return Arrays.stream(refusals).map(Optional::ofNullable).toList();
    }

    private void takeKeys() {
        Set<UUID> stored = new HashSet<>();
        statements
                .findAll(all.stream().map(each -> each.next().id()).toList())
                .forEach(document -> stored.add(document.id()));
        for (int i = 0; i < all.size(); i++) {
            try {
                JdbiDocumentRepository.takeKey(handle, all.get(i).use(), null, next(i));
            } catch (DocumentKeyException e) {
                refusals[i] = e;
                continue;
            }
            if (next(i).revision() != 2 || !stored.add(next(i).id())) {
                refusals[i] = new DocumentConflictException(next(i).id());
                freeKey(i);
            }
        }
    }

    private void insert() {
        List<Integer> places = admitted();
        if (places.isEmpty()) {
            return;
        }
        PreparedBatch documents = handle.prepareBatch(JdbiDocumentRepository.INSERT_DOCUMENT);
        PreparedBatch versions = handle.prepareBatch(JdbiDocumentRepository.INSERT_VERSION);
        PreparedBatch contents =
                handle.prepareBatch("INSERT INTO inline_content (storage_key, bytes) VALUES (:key, :bytes)");
        for (int i : places) {
            Rows.bind(documents, next(i)).add();
            Rows.bind(versions, next(i)).add();
            contents.bind("key", storageKey(i)).bind("bytes", bytes(i)).add();
        }
        documents.execute();
        JdbiDocumentRepository.insertMetadata(
                handle, places.stream().map(this::next).toList());
        versions.execute();
        contents.execute();
    }

    private void admit(String owner, List<Integer> places, Quota defaults) {
        if (places.size() > 1 && fit(owner, places, defaults) == null) {
            return;
        }
        for (int i : places) {
            DocumentQuotaException refusal = fit(owner, List.of(i), defaults);
            if (refusal != null) {
                refusals[i] = refusal;
                statements.deleteInline(storageKey(i));
                statements.delete(next(i).id());
                freeKey(i);
            }
        }
    }

    private @Nullable DocumentQuotaException fit(String owner, List<Integer> places, Quota defaults) {
        Usage change = Usage.NONE;
        for (int i : places) {
            change = change.plus(Usage.change(null, next(i)));
        }
        try {
            counters.admit(handle, owner, next(places.get(0)).id(), change, defaults);
            return null;
        } catch (DocumentQuotaException e) {
            return e;
        }
    }

    private List<Integer> admitted() {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < refusals.length; i++) {
            if (refusals[i] == null) {
                places.add(i);
            }
        }
        return places;
    }

    private void freeKey(int i) {
        IdempotencyKey.Use use = all.get(i).use();
        if (use != null) {
            statements.deleteKey(use.key());
        }
    }

    private DocumentData next(int i) {
        return all.get(i).next();
    }

    private String storageKey(int i) {
        return Objects.requireNonNull(next(i).content(), "a published document has content")
                .url()
                .key();
    }

    private byte[] bytes(int i) {
        ByteBuffer bytes = all.get(i).bytes().duplicate();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return copy;
    }
}
