package dev.docs.adapter.http;

import jakarta.servlet.http.HttpServletRequest;

import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** {@code Authorization: Bearer TOKEN} (RFC 6750), and the refusals that go with it. */
final class Bearer {
    private Bearer() {}

    /**
     * The token of a request.
     *
     * @throws Problem.Raised 401 if there is none, 400 if there are several
     */
    static String of(HttpServletRequest request) {
        List<String> headers = Collections.list(request.getHeaders("Authorization"));
        if (headers.isEmpty()) {
            throw Problem.unauthorized("send Authorization: Bearer TOKEN").raise();
        } else if (headers.size() > 1) {
            // whoever stands between may have looked at the other one
            throw Problem.malformed("there must be one Authorization header")
                    .with("WWW-Authenticate", "Bearer error=\"invalid_request\"")
                    .raise();
        }
        String[] parts = headers.get(0).strip().split("\\s+", 2);
        if (parts.length != 2 || !parts[0].toLowerCase(Locale.ROOT).equals("bearer")) {
            throw Problem.unauthorized("the Authorization header is not of the form Bearer TOKEN")
                    .raise();
        }
        return parts[1];
    }

    /** @param why to be read after "the token is" */
    static Problem.Raised invalid(String why) {
        return Problem.unauthorized("the token is " + why)
                .with("WWW-Authenticate", "Bearer error=\"invalid_token\"")
                .raise();
    }
}
