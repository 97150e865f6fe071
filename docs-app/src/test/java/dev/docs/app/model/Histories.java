package dev.docs.app.model;

import dev.docs.app.model.Holdings.Doc;
import dev.docs.app.model.Step.Announced;
import dev.docs.app.model.Step.Body;
import dev.docs.app.model.Step.Ending;
import dev.docs.app.model.Step.Expected;
import dev.docs.app.model.Step.Owner;
import dev.docs.app.model.Step.Who;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentQuery.Sort;
import dev.docs.domain.DocumentStatus;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;

/** Makes histories, and plays them to a product and to the model at once. */
final class Histories implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(1);
    /** A database that is opened anew for each attempt could take long; what has been found by then is shown. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final int STEPS_BETWEEN_STATES = 12;
    private static final int SWEEP_ALL = Step.PAUSES.size() - 1;

    private final Setup.Opener opener;
    private Setup setup;
    private Product product;
    private int played;

    Histories(Setup.Opener opener) {
        this.opener = opener;
        setup = opener.open();
        product = new Product(setup);
    }

    /** What the two do not agree on. */
    private static final class Difference extends RuntimeException {
        private static final long serialVersionUID = 1;

        Difference(String where, Object model, Object product) {
            super(where + "\n  model:   " + model + "\n  product: " + product, null, false, false);
        }
    }

    /** Plays the history of a seed; throws an AssertionError with the shortest history that shows a difference. */
    void play(long seed, int steps) {
        List<Step> history = history(seed, steps);
        String difference = difference(history);
        if (difference == null) {
            return;
        }
        long end = System.nanoTime() + PATIENCE.toNanos();
        List<Step> shortest = new Shrinker<Step>(
                        less -> System.nanoTime() - end < 0 && difference(less) != null, Step::simpler)
                .shrink(history);
        throw new AssertionError("seed " + seed + ": " + difference + "\n" + shortest.size() + " of " + steps
                + " steps are enough:\n" + java(shortest) + "which end in: "
                + Objects.requireNonNullElse(difference(shortest), "no difference, this time"));
    }

    private static String java(List<Step> history) {
        StringBuilder lines = new StringBuilder();
        history.forEach(step -> lines.append("    ").append(Step.java(step)).append(",\n"));
        return lines.toString();
    }

    /** Plays a history on an empty ground; null if product and model agree to its end. */
    @Nullable
    String difference(List<Step> history) {
        try {
            compare(history);
            return null;
        } catch (Difference e) {
            return reopen(String.valueOf(e.getMessage()));
        } catch (RuntimeException | AssertionError e) {
            return reopen("the product failed: " + e);
        }
    }

    /** What a difference leaves behind would disturb the next history. */
    private String reopen(String difference) {
        setup.close();
        setup = opener.open();
        product = new Product(setup);
        return difference;
    }

    @Override
    public void close() {
        setup.close();
    }

    // Comparing

    private void compare(List<Step> history) {
        String prefix = "history-" + played++ + "-";
        Reference model = new Reference(prefix, setup.clock().instant());
        int count = 0;
        for (Step step : history) {
            if (++count % 2 == 0) {
                setup.pass(TICK);
                model.pass(TICK);
            }
            play(prefix, model, step, "step " + count + ", " + Step.java(step));
            if (count % STEPS_BETWEEN_STATES == 0) {
                compareStates(prefix, model, "after step " + count);
            }
        }
        compareStates(prefix, model, "at the end");
        for (Owner owner : Owner.values()) {
            play(prefix, model, new Step.DeleteUser(Who.ROOT, owner), "when its owner is deleted at the end");
        }
        play(prefix, model, new Step.Sweep(SWEEP_ALL), "in the sweep at the end");
        same("files when all is over", List.of(), product.files());
    }

    private void play(String prefix, Reference model, Step step, String where) {
        List<View> expected = new ArrayList<>();
        List<View> actual = new ArrayList<>();
        product.run(prefix, step, model::id, actual);
        model.run(step, expected);
        boolean agree = expected.size() == actual.size();
        for (int i = 0; agree && i < expected.size(); i++) {
            agree = View.agree(expected.get(i), actual.get(i));
        }
        if (!agree) {
            throw new Difference(where, expected, actual);
        }
        for (Owner owner : Owner.values()) {
            tell(model.docs(owner), product.documents(owner.id(prefix), Sort.CREATED, false), where);
        }
    }

    /** Tells the model what the product made up. */
    private static void tell(List<Doc> model, List<DocumentData> product, String where) {
        same(where + "; documents", model.size(), product.size());
        for (int i = 0; i < model.size(); i++) {
            Doc doc = model.get(i);
            UUID id = product.get(i).id();
            if (doc.id == null) {
                doc.id = id;
            }
            same(where + "; id of document " + i, doc.id, id);
            if (doc.updated == null) {
                doc.updated = product.get(i).updatedAt();
            }
        }
    }

    private void compareStates(String prefix, Reference model, String where) {
        for (Owner owner : Owner.values()) {
            for (Sort sort : Sort.values()) {
                for (boolean descending : new boolean[] {false, true}) {
                    same(
                            where + "; documents of " + owner + " by " + sort + (descending ? ", descending" : ""),
                            model.list(owner, sort, descending),
                            product.documents(owner.id(prefix), sort, descending).stream()
                                    .map(Product::view)
                                    .toList());
                }
            }
            same(where + "; usage of " + owner, model.owner(owner), product.owner(owner.id(prefix)));
            same(where + "; recount of " + owner, model.owner(owner).usage(), product.recount(owner.id(prefix)));
            for (Doc doc : model.docs(owner)) {
                UUID id = Objects.requireNonNull(doc.id, "every document was told");
                List<View.Version> versions = Reference.versions(doc);
                same(where + "; versions of " + id, versions, product.versions(id));
                for (View.Version version : versions) {
                    int number = version.number();
                    same(
                            where + "; bytes of version " + number + " of " + id,
                            model.read(doc, number),
                            product.read(Caller.administrator("root"), id, number));
                }
            }
        }
        List<Integer> files = model.files();
        if (files != null) {
            same(where + "; sizes of files", files, product.files());
        }
    }

    private static void same(String where, Object model, Object product) {
        if (!model.equals(product)) {
            throw new Difference(where, model, product);
        }
    }

    // Making

    static List<Step> history(long seed, int steps) {
        Random random = new Random(seed);
        List<Step> history = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            history.add(step(random, true, random.nextInt(Step.SLOTS)));
        }
        return history;
    }

    private static Step step(Random random, boolean mayHaveOneInside, int slot) {
        Owner owner = pick(random, Owner.values());
        Who who = random.nextInt(10) == 0 ? pick(random, Who.values()) : Who.valueOf(owner.name());
        Who root = random.nextInt(8) == 0 ? who : Who.ROOT;
        // slots have owners by habit, so that most steps are somebody's own
        Who usual = random.nextInt(10) == 0 ? pick(random, Who.values()) : (slot % 2 == 0 ? Who.ANN : Who.BOB);
        Owner habit = slot % 2 == 0 ? Owner.ANN : Owner.BOB;
        Expected expected =
                random.nextInt(8) == 0 ? Expected.STALE : random.nextInt(3) == 0 ? Expected.CURRENT : Expected.ANY;
        int choice = random.nextInt(120);
        if (choice < 18) {
            return new Step.Create(
                    usual,
                    habit,
                    slot,
                    name(random),
                    random.nextInt(3),
                    random.nextInt(3),
                    body(random),
                    during(random, mayHaveOneInside, slot));
        } else if (choice < 24) {
            return new Step.Reserve(
                    usual, habit, slot, name(random), random.nextInt(3), random.nextInt(Step.SIZES.size() + 1) - 1);
        } else if (choice < 42) {
            return new Step.Replace(
                    usual, slot, expected, body(random), keep(random), during(random, mayHaveOneInside, slot));
        } else if (choice < 49) {
            return new Step.RestoreVersion(usual, slot, expected, 1 + random.nextInt(3), keep(random));
        } else if (choice < 54) {
            return new Step.DropVersion(usual, slot, expected, 1 + random.nextInt(3));
        } else if (choice < 66) {
            int name = random.nextInt(3) == 0 ? name(random) : -1;
            int metadata = random.nextInt(3) - 1;
            DocumentStatus status = random.nextInt(20) == 0
                    ? pick(random, DocumentStatus.values())
                    : random.nextInt(3) == 0
                            ? DocumentStatus.ARCHIVED
                            : random.nextInt(2) == 0 ? DocumentStatus.ACTIVE : null;
            return new Step.Change(usual, slot, expected, name, metadata, status);
        } else if (choice < 71) {
            return new Step.Purge(usual, slot, expected);
        } else if (choice < 78) {
            return new Step.Read(usual, slot, random.nextInt(4));
        } else if (choice < 81) {
            return new Step.Look(who, owner, 1 + random.nextInt(4));
        } else if (choice < 85) {
            return new Step.SetQuota(root, owner, pick(random, -1, 0, 3, 8, 1_000, 5_000));
        } else if (choice < 87) {
            return new Step.DeleteUser(root, owner);
        } else if (choice < 97) {
            return new Step.Sweep(random.nextInt(Step.PAUSES.size()));
        } else if (choice < 100) {
            return new Step.Lose(slot);
        } else if (choice < 106) {
            return new Step.CreateMany(usual, habit, files(random));
        } else if (choice < 111) {
            return new Step.Bulk(who, action(random), slots(random), random.nextInt(4), mode(random));
        } else if (choice < 115) {
            return new Step.BulkOfOwner(
                    who, owner, action(random), pick(random, DocumentStatus.values()), random.nextInt(4), mode(random));
        } else if (choice < 118) {
            return new Step.SetLimits(root, owner, pick(random, -1, -1, 2, 5), pick(random, -1, -1, 0, 1));
        }
        return new Step.Retain();
    }

    private static int keep(Random random) {
        return random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 0;
    }

    private static Step.Mode mode(Random random) {
        return random.nextInt(3) == 0 ? Step.Mode.PREVIEW : Step.Mode.DO;
    }

    /** Purges would leave too little to go on with. */
    private static Step.Action action(Random random) {
        return random.nextInt(6) == 0
                ? Step.Action.PURGE
                : pick(random, Step.Action.ARCHIVE, Step.Action.RESTORE, Step.Action.RESTORE, Step.Action.UPDATE);
    }

    private static List<Integer> slots(Random random) {
        return IntStream.rangeClosed(0, random.nextInt(5))
                .mapToObj(i -> random.nextInt(Step.SLOTS))
                .toList();
    }

    private static List<Step.File> files(Random random) {
        return IntStream.rangeClosed(0, random.nextInt(4))
                .mapToObj(i -> new Step.File(
                        random.nextInt(Step.SLOTS), name(random), random.nextInt(3), random.nextInt(3), body(random)))
                .toList();
    }

    /** Mostly about the same document. */
    private static @Nullable Step during(Random random, boolean allowed, int slot) {
        return allowed && random.nextInt(3) == 0
                ? step(random, false, random.nextInt(3) > 0 ? slot : random.nextInt(Step.SLOTS))
                : null;
    }

    private static int name(Random random) {
        int name = random.nextInt(Step.NAMES.size());
        return name == 1 && random.nextInt(3) > 0 ? 0 : name;
    }

    private static Body body(Random random) {
        return new Body(
                random.nextInt(Step.SIZES.size()),
                random.nextInt(1_000),
                random.nextInt(3) > 0
                        ? pick(random, Announced.NOTHING, Announced.SIZE, Announced.SIZE_AND_DIGEST)
                        : pick(random, Announced.values()),
                random.nextInt(Step.TYPES.size()),
                random.nextInt(3) > 0 ? Ending.END : pick(random, Ending.values()));
    }

    @SafeVarargs
    private static <T> T pick(Random random, T... from) {
        return Objects.requireNonNull(from[random.nextInt(from.length)]);
    }
}
