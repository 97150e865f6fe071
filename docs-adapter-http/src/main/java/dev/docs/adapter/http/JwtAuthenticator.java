package dev.docs.adapter.http;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.docs.domain.Caller;
import dev.docs.domain.DocumentValidationException;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.text.ParseException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Callers by tokens that an OpenID Connect issuer has signed for this server. */
final class JwtAuthenticator implements Authenticator {
    private static final Logger log = LoggerFactory.getLogger(JwtAuthenticator.class);

    private final JwtOptions options;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    JwtAuthenticator(JwtOptions options, IssuerKeys keys) {
        if (options.issuer().isEmpty()
                || options.audiences().isEmpty()
                || options.algorithms().isEmpty()) {
            throw new IllegalArgumentException("an issuer, an audience and an algorithm are needed");
        }
        if (!JwtOptions.ALGORITHMS.containsAll(options.algorithms())) {
            throw new IllegalArgumentException("not all of " + options.algorithms() + " are known");
        }
        this.options = options;
        Set<JWSAlgorithm> algorithms =
                options.algorithms().stream().map(JWSAlgorithm::parse).collect(Collectors.toSet());
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(algorithms, keys));
        // RFC 9068 gives access tokens a type of their own
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(
                JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), new JOSEObjectType("application/at+jwt"), null));
        DefaultJWTClaimsVerifier<SecurityContext> claims = new DefaultJWTClaimsVerifier<>(
                options.audiences(),
                new JWTClaimsSet.Builder().issuer(options.issuer()).build(),
                Set.of("exp", "iss", "aud"),
                Set.of());
        claims.setMaxClockSkew((int) options.clockSkew().toSeconds());
        processor.setJWTClaimsSetVerifier(claims);
    }

    @Override
    public Caller authenticate(HttpServletRequest request) {
        String token = Bearer.of(request);
        try {
            SignedJWT signed = SignedJWT.parse(token);
            if (signed.getHeader().getKeyID() == null) {
                // without a name, every key would be tried
                throw new BadJOSEException("the token names no key");
            }
            return caller(processor.process(signed, null));
        } catch (JWKSetUnavailableException e) {
            // neither right nor wrong, as far as anybody can tell
            throw new Problem.Raised(
                    Problem.of(
                                    503,
                                    "unavailable",
                                    "Temporarily unavailable",
                                    "the keys that tokens are signed with can't be had from their issuer")
                            .with("Retry-After", Long.toString(IssuerKeys.PAUSE.toSeconds())),
                    e);
        } catch (ParseException | BadJOSEException | JOSEException | DocumentValidationException e) {
            log.debug("a token is refused: {}", e.getMessage());
            throw Bearer.invalid("expired, or not one for this server");
        }
    }

    private Caller caller(JWTClaimsSet claims) throws BadJOSEException {
        if (!(claims.getClaim(options.userClaim()) instanceof String user)) {
            throw new BadJOSEException("the token has no text " + options.userClaim());
        }
        boolean administrator = options.administrators().contains(user)
                || roles(claims.getClaims()).contains(options.administratorRole());
        return new Caller(user, administrator);
    }

    private Set<?> roles(Map<String, Object> claims) {
        String name = options.administratorClaim();
        if (name == null) {
            return Set.of();
        }
        Object value = claims.containsKey(name)
                ? claims.get(name)
                : within(claims, Arrays.asList(name.split("\\.")).iterator());
        return value instanceof Collection<?> several
                ? new HashSet<>(several)
                : value == null ? Set.of() : Set.of(value);
    }

    private static @Nullable Object within(Map<?, ?> object, java.util.Iterator<String> path) {
        Object value = object.get(path.next());
        if (!path.hasNext()) {
            return value;
        }
        return value instanceof Map<?, ?> inner ? within(inner, path) : null;
    }
}
