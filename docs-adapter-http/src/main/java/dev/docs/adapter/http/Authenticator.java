package dev.docs.adapter.http;

import dev.docs.application.TokenService;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentValidationException;
import jakarta.servlet.http.HttpServletRequest;
import org.eclipse.jetty.util.InetAddressSet;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** Answers who is calling, for every request below {@code /v1}; the one place that does. */
@FunctionalInterface
public interface Authenticator {
    /**
     * @throws RuntimeException one that becomes a 401 or 403 if nobody is, or nobody who can be told
     */
    Caller authenticate(HttpServletRequest request);

    /** API tokens in {@code Authorization: Bearer} (RFC 6750). Whoever has one may make more, by {@code /v1/tokens}. */
    static Authenticator tokens(TokenService tokens) {
        return new TokenAuthenticator(tokens);
    }

    /** Signed tokens of an OpenID Connect issuer in {@code Authorization: Bearer}. */
    static Authenticator jwt(JwtOptions options) {
        return new JwtAuthenticator(options, new IssuerKeys(options.issuer(), options.keys(), System::nanoTime));
    }

    /**
     * A reverse proxy that has authenticated the user and says who it is in a header. Only requests from the proxy's own
     * addresses are believed.
     *
     * @param addresses IP addresses or ranges in CIDR notation
     */
    static Authenticator proxy(String userHeader, Set<String> administrators, Collection<String> addresses) {
        InetAddressSet trusted = new InetAddressSet();
        trusted.addAll(addresses);
        return request -> {
            if (!trusted.test(address(request))) {
                throw Problem.unauthorized("requests are accepted from the configured proxy only")
                        .raise();
            }
            List<String> users = Collections.list(request.getHeaders(userHeader));
            if (users.size() != 1 || users.get(0).isBlank()) {
                // a second one may be the client's own, passed on
                throw Problem.unauthorized("the proxy named no user, or several")
                        .raise();
            }
            String user = users.get(0);
            try {
                return new Caller(user, administrators.contains(user));
            } catch (DocumentValidationException e) {
                throw new Problem.Raised(Problem.unauthorized("the proxy named somebody who can't be a user"), e);
            }
        };
    }

    /**
     * No authentication: everybody on this machine is one administrator. Requests that a web page of another origin
     * makes the user's browser send, or that reach this server under a name of somebody else's, are refused.
     */
    static Authenticator none(String userId) {
        Caller caller = Caller.administrator(userId);
        return request -> {
            String origin = request.getHeader("Origin");
            String host = request.getHeader("Host");
            boolean sameOrigin = origin == null || origin.equals("http://" + host);
            if (!address(request).isLoopbackAddress()
                    || !HttpOptions.isLoopbackName(request.getServerName())
                    || !sameOrigin) {
                throw Problem.of(
                                403,
                                "access-denied",
                                "Not allowed",
                                "without authentication, only local use is allowed")
                        .raise();
            }
            return caller;
        };
    }

    private static InetAddress address(HttpServletRequest request) {
        try {
            // a literal, so nothing is looked up
            return InetAddress.getByName(request.getRemoteAddr());
        } catch (UnknownHostException e) {
            throw new Problem.Raised(Problem.unauthorized("the sender's address is not an IP address"), e);
        }
    }
}
