package dev.docs.adapter.http;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * One request and its answer, told when the answer has been sent or has broken off. Holds nothing that a sender could
 * choose freely, so that each part may name a time series.
 *
 * @param method one that HTTP knows, or {@code other}
 * @param route the route's template, such as {@code /v1/documents/{id}}; null if none matched
 * @param status of the answer
 * @param problems the kinds of all refusals in the answer, such as {@code quota-exceeded}; several where an answer has a
 *     result for each of many
 * @param bytesIn of the request's content
 * @param bytesOut of the answer's content, as sent
 * @param nanos from the end of the request's headers to the end of the answer
 */
public record Exchange(
        String method,
        @Nullable String route,
        int status,
        List<String> problems,
        long bytesIn,
        long bytesOut,
        long nanos) {
    public Exchange {
        problems = List.copyOf(problems);
    }
}
