package dev.docs.app.faults;

import dev.docs.app.faults.Fault.Failure;
import dev.docs.domain.DocumentRepository;
import dev.docs.domain.DocumentStorageException;
import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;

/** A connection to a repository that breaks as planned. It knows no method by its signature, so none is forgotten. */
final class FaultyRepository {
    /** What only looks: it can't leave anybody in doubt. */
    private static final Set<String> QUERIES = Set.of(
            "find",
            "findAll",
            "versionBytes",
            "list",
            "count",
            "version",
            "versions",
            "usage",
            "recount",
            "quota",
            "doomed",
            "storesInUse",
            "check");

    private FaultyRepository() {}

    static List<Failure> failuresOf(String method) {
        return QUERIES.contains(method)
                ? List.of(Failure.AWAY)
                : List.of(Failure.AWAY, Failure.ANSWER_LOST, Failure.REQUEST_LOST);
    }

    static DocumentRepository of(DocumentRepository next, Faults faults) {
        return (DocumentRepository) Proxy.newProxyInstance(
                FaultyRepository.class.getClassLoader(),
                new Class<?>[] {DocumentRepository.class},
                (proxy, method, arguments) -> call(next, faults, method, arguments));
    }

    private static @Nullable Object call(
            DocumentRepository next, Faults faults, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        if (method.getDeclaringClass() == Object.class || method.getName().equals("inlineStore")) {
            return invoke(next, method, arguments);
        }
        Failure failure = faults.on("rows." + method.getName());
        if (failure == null) {
            return invoke(next, method, arguments);
        }
        if (failure == Failure.AWAY) {
            throw DocumentStorageException.unavailable("planned", null);
        }
        if (failure == Failure.ANSWER_LOST) {
            invoke(next, method, arguments);
        }
        throw DocumentStorageException.outcomeUnknown(null);
    }

    private static @Nullable Object invoke(
            DocumentRepository next, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(next, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
