package dev.docs.adapter.http;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.time.Duration;
import java.util.Set;

/**
 * Whose JSON Web Tokens (RFC 7519) are believed, and what they say about a caller.
 *
 * @param issuer what {@code iss} has to be, exactly
 * @param audiences of which {@code aud} has to name one
 * @param keys where the issuer's keys are (JWKS, RFC 7517); null to ask {@code ISSUER/.well-known/openid-configuration}
 * @param userClaim the claim that has the user's id
 * @param administratorClaim the claim that has the caller's roles, a text or a list of texts; dots lead into objects
 *     ({@code realm_access.roles}), unless there is a claim of just this name; null if none makes administrators
 * @param administratorRole the role that makes a caller an administrator
 * @param administrators users who are administrators whatever their roles
 * @param algorithms some of {@link #ALGORITHMS}
 * @param clockSkew by how much the issuer's clock may be wrong
 */
public record JwtOptions(
        String issuer,
        Set<String> audiences,
        @Nullable URI keys,
        String userClaim,
        @Nullable String administratorClaim,
        String administratorRole,
        Set<String> administrators,
        Set<String> algorithms,
        Duration clockSkew) {
    /** The signatures (RFC 7518) that can be verified: with public keys alone, so no secret can be mistaken for one. */
    public static final Set<String> ALGORITHMS =
            Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

    public JwtOptions {
        audiences = Set.copyOf(audiences);
        administrators = Set.copyOf(administrators);
        algorithms = Set.copyOf(algorithms);
    }

    /** Whether an address is one to get keys from: nobody on the way can have changed them. */
    public static boolean isTrustworthy(URI address) {
        String host = address.getHost();
        return host != null
                && address.getUserInfo() == null
                && ("https".equals(address.getScheme())
                        || ("http".equals(address.getScheme()) && HttpOptions.isLoopbackName(host)));
    }
}
