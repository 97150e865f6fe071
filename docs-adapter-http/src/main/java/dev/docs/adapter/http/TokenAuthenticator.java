package dev.docs.adapter.http;

import dev.docs.application.TokenService;
import dev.docs.domain.ApiToken;
import dev.docs.domain.Caller;
import jakarta.servlet.http.HttpServletRequest;

/** Callers by their API tokens. */
record TokenAuthenticator(TokenService tokens) implements Authenticator {
    @Override
    public Caller authenticate(HttpServletRequest request) {
        ApiToken token =
                tokens.find(Bearer.of(request)).orElseThrow(() -> Bearer.invalid("unknown, revoked or expired"));
        request.setAttribute(TokenRoutes.TOKEN, token);
        return token.caller();
    }
}
