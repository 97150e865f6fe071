package dev.docs.app.crash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.docs.app.crash.Client.Answer;
import dev.docs.app.crash.Client.Outcome;
import dev.docs.app.crash.History.Known;
import dev.docs.app.crash.Ledger.Creation;
import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Many files in one form, most of them small. */
final class Form extends Many {
    private static final int MOST = 24;

    private final Ledger ledger;
    private final List<Creation> files;
    private final List<byte[]> contents;
    private final Random random;

    private Form(@Nullable String key, Ledger ledger, List<Creation> files, List<byte[]> contents, Random random) {
        super(key);
        this.ledger = ledger;
        this.files = files;
        this.contents = contents;
        this.random = random;
    }

    static Form of(Random random, Ledger ledger) {
        String key = key(random, ledger);
        List<Creation> files = new ArrayList<>();
        List<byte[]> contents = new ArrayList<>();
        for (int left = 2 + random.nextInt(MOST); left > 0; left--) {
            byte[] bytes = random.nextInt(8) == 0 ? Load.bytes(random) : new byte[random.nextInt(3_000)];
            random.nextBytes(bytes);
            long mark = ledger.nextMark();
            State first = State.pending("form-" + mark, mark);
            files.add(new Creation(first, Load.blob(bytes), true, key != null));
            contents.add(bytes);
        }
        return new Form(key, ledger, files, contents, new Random(random.nextLong()));
    }

    @Override
    boolean send(Load load, URI server) throws InterruptedException {
        files.forEach(ledger::create);
        // a form that breaks off leaves nothing unless it has a key, but not at once
        int cut = isKeyed() && random.nextInt(6) == 0 ? random.nextInt(files.size()) : -1;
        Answer answer = load.send(keyed(load.request(server, "/v1/documents")
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(body(cut))));
        if (answer.outcome() == Outcome.UNKNOWN || (answer.outcome() == Outcome.REFUSED && isKeyed())) {
            return false;
        }
        if (answer.outcome() == Outcome.REFUSED) {
            files.forEach(file -> ledger.create(file.refused()));
            return true;
        }
        if (cut >= 0) {
            throw new Violation("a form that broke off was answered " + answer);
        }
        return answered(load, answer.body().get("results"));
    }

    private BodyPublisher body(int cut) {
        List<BodyPublisher> parts = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            Creation file = files.get(i);
            parts.add(BodyPublishers.ofString("--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n"
                    + file.first().name()
                    + "\r\n--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"mark\": "
                    + file.first().mark()
                    + "}\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n"));
            parts.add(Load.body(random, contents.get(i), i == cut));
            parts.add(BodyPublishers.ofString("\r\n"));
        }
        parts.add(BodyPublishers.ofString("--b--\r\n"));
        return BodyPublishers.concat(parts.toArray(BodyPublisher[]::new));
    }

    private boolean answered(Load load, JsonNode results) {
        if (results.size() != files.size()) {
            throw new Violation("a form of " + files.size() + " files was answered " + results);
        }
        load.countMany(files.size());
        boolean areAllKnown = true;
        for (int i = 0; i < files.size(); i++) {
            Creation creation = files.get(i);
            JsonNode result = results.get(i);
            JsonNode problem = result.path("problem");
            Outcome outcome = Client.outcome(result.get("status").asInt(), problem, "file " + i + " of a form");
            if (outcome == Outcome.ACKNOWLEDGED || !isKeyed()) {
                Known expected = new Known(2, creation.first().with(Load.blob(contents.get(i))));
                load.created(creation, outcome, result.path("document"), expected);
            } else {
                // refused perhaps, but an attempt before may have made it
                areAllKnown = false;
            }
        }
        return areAllKnown;
    }
}
