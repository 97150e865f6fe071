package dev.docs.app.crash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.docs.app.crash.Client.Answer;
import dev.docs.app.crash.Client.Outcome;
import dev.docs.app.crash.History.Asked;
import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;

/** One thing done to many documents, one of which nobody knows. */
final class Bulk extends Many {
    private static final int MOST = 40;

    private final BulkAction action;
    private final boolean isDry;
    private final List<History> documents;

    /** What was known of each document when this was sent first. */
    private final Map<UUID, Asked> first = new HashMap<>();

    private Bulk(@Nullable String key, BulkAction action, boolean isDry, List<History> documents) {
        super(key);
        this.action = action;
        this.isDry = isDry;
        this.documents = documents;
    }

    static Bulk of(Random random, Ledger ledger, List<History> live, boolean areTooMany) {
        String name = areTooMany && random.nextInt(3) == 0
                ? "purge"
                : List.of("archive", "restore", "update").get(random.nextInt(3));
        boolean isDry = random.nextInt(10) == 0;
        List<History> documents = new ArrayList<>(live);
        Collections.shuffle(documents, random);
        return new Bulk(
                isDry ? null : key(random, ledger),
                new BulkAction(name, ledger.nextMark()),
                isDry,
                documents.subList(0, Math.min(documents.size(), 1 + random.nextInt(MOST))));
    }

    @Override
    boolean send(Load load, URI server) throws InterruptedException {
        if (first.isEmpty()) {
            documents.removeIf(document -> !isDry && !document.intend(this, action));
        } else {
            documents.forEach(document -> document.intend(this, action));
        }
        documents.forEach(document -> first.putIfAbsent(document.id(), document.ask()));
        Map<UUID, Asked> now = documents.stream().collect(Collectors.toMap(History::id, History::ask));
        Answer answer = load.send(keyed(load.request(server, "/v1/bulk")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json()))));
        if (answer.status() == 409 && isKeyed() && Client.isProblem(answer.body(), "request-running")) {
            // whoever died with it has it for a moment still
            return false;
        }
        if (answer.status() != 200) {
            if (answer.status() != 0 && answer.status() != 503) {
                throw new Violation(this + " was answered " + answer);
            }
            return false;
        }
        if (answer.outcome() == Outcome.UNKNOWN) {
            return false;
        }
        if (!isDry) {
            answered(load, server, answer.body(), now);
        }
        return true;
    }

    private String json() {
        List<String> ids = new ArrayList<>(
                documents.stream().map(each -> each.id().toString()).toList());
        ids.add(new UUID(0x7000, action.mark() | 0x8000_0000_0000_0000L).toString());
        String patch = action.isUpdate() ? ", \"patch\": {\"metadata\": {\"bulk\": %d}}".formatted(action.mark()) : "";
        return "{\"action\": \"%s\", \"dry_run\": %s, \"ids\": [\"%s\"]%s}"
                .formatted(action.name(), isDry, String.join("\", \"", ids), patch);
    }

    private void answered(Load load, URI server, JsonNode body, Map<UUID, Asked> now) throws InterruptedException {
        JsonNode results = body.get("results");
        if (results.size() != documents.size() + 1
                || results.get(documents.size()).get("status").asInt() != 404) {
            throw new Violation(this + " was answered " + body);
        }
        load.countMany(documents.size());
        for (int i = 0; i < documents.size(); i++) {
            History document = documents.get(i);
            JsonNode result = results.get(i);
            if (!result.get("id").asText().equals(document.id().toString())) {
                throw new Violation(this + ": result " + i + " is " + result + ", and not of " + document.id());
            }
            switch (result.get("status").asInt()) {
                case 200 -> {
                    if (result.get("changed").asBoolean()) {
                        document.done(action, Objects.requireNonNull(first.get(document.id())));
                        if (!document.isGone()) {
                            load.look(server, document);
                        }
                    } else if (action.isPurge() || action.isUpdate()) {
                        throw new Violation(this + " changes each document, and yet: " + result);
                    }
                }
                case 404 -> document.notFound(action, Objects.requireNonNull(now.get(document.id())));
                case 409 -> {
                    if (action.isPurge() || action.isUpdate()) {
                        throw new Violation(this + " is refused to no document, and yet: " + result);
                    }
                }
                default -> throw new Violation(this + ": " + result);
            }
        }
    }

    @Override
    public String toString() {
        return "bulk " + action + (isKeyed() ? " with a key" : "");
    }
}
