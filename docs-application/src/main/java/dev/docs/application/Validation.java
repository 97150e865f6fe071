package dev.docs.application;

import static java.lang.annotation.ElementType.FIELD;

import dev.docs.domain.DocumentNames;
import dev.docs.domain.DocumentValidationException;
import dev.docs.domain.DocumentValidationException.Problem;
import dev.docs.domain.MediaTypes;
import dev.docs.domain.Metadata;
import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.ConstraintValidatorFactory;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Payload;
import jakarta.validation.Validator;
import jakarta.validation.constraints.NotNull;
import org.hibernate.validator.HibernateValidator;
import org.hibernate.validator.constraintvalidation.HibernateConstraintValidatorContext;
import org.hibernate.validator.engine.HibernateConstraintViolation;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;
import org.jspecify.annotations.Nullable;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Comparator;
import java.util.Locale;
import java.util.Set;

/** Checks what enters against its annotations and the configured {@link Limits}. */
final class Validation {
    private final Validator validator;

    /** The value keeps within the configured {@link Limits}, whatever they are. */
    @Target(FIELD)
    @Retention(RetentionPolicy.RUNTIME)
    @NotNull(message = "must be given")
    @Constraint(validatedBy = {NameRule.class, MetadataRule.class})
    @interface WithinLimits {
        String message() default "";

        Class<?>[] groups() default {};

        Class<? extends Payload>[] payload() default {};
    }

    Validation(Limits limits) {
        var configuration = jakarta.validation.Validation.byProvider(HibernateValidator.class)
                .configure()
                // the default interpolator wants an expression language, for messages that have no expressions
                .messageInterpolator(new ParameterMessageInterpolator());
        ConstraintValidatorFactory standard = configuration.getDefaultConstraintValidatorFactory();
        validator = configuration
                .constraintValidatorFactory(new WithLimits(limits, standard))
                .buildValidatorFactory()
                .getValidator();
    }

    /**
     * @throws DocumentValidationException naming every value that breaks a rule
     */
    void check(Object command) {
        report(validator.validate(command));
    }

    /** The same content with its type in canonical form. */
    NewContent checked(NewContent content) {
        check(content);
        return new NewContent(
                content.bytes(),
                mediaType(content.declaredType()),
                content.sizeBytes(),
                content.sha256(),
                content.types());
    }

    static @Nullable String mediaType(@Nullable String declared) {
        if (declared == null) {
            return null;
        }
        return MediaTypes.parse(declared)
                .orElseThrow(() -> new DocumentValidationException(
                        "mime_type", "must be a media type such as application/pdf", null));
    }

    void checkName(String name) {
        report(validator.validateValue(NewDocument.class, "name", name));
    }

    void checkMetadata(Metadata metadata) {
        report(validator.validateValue(NewDocument.class, "metadata", metadata));
    }

    private static <T> void report(Set<ConstraintViolation<T>> violations) {
        if (!violations.isEmpty()) {
            throw new DocumentValidationException(violations.stream()
                    .map(Validation::problem)
                    .sorted(Comparator.comparing(Problem::field))
                    .toList());
        }
    }

    private static Problem problem(ConstraintViolation<?> violation) {
        String field = violation.getPropertyPath().toString().replaceAll("(?<=[a-z])(?=[A-Z])", "_");
        Long limit = ((HibernateConstraintViolation<?>) violation).getDynamicPayload(Long.class);
        return new Problem(field.toLowerCase(Locale.ROOT), violation.getMessage(), limit);
    }

    private static boolean refuse(ConstraintValidatorContext context, String message, @Nullable Long limit) {
        context.disableDefaultConstraintViolation();
        context.unwrap(HibernateConstraintValidatorContext.class)
                .withDynamicPayload(limit)
                .buildConstraintViolationWithTemplate(message)
                .addConstraintViolation();
        return false;
    }

    private static boolean within(ConstraintValidatorContext context, long actual, String what, long limit) {
        return actual <= limit
                || refuse(context, "has " + actual + " " + what + ", at most " + limit + " are allowed", limit);
    }

    /** For names: the domain's own rule, then the configured length. */
    static final class NameRule implements ConstraintValidator<WithinLimits, String> {
        private final Limits limits;

        NameRule(Limits limits) {
            this.limits = limits;
        }

        @Override
        public boolean isValid(@Nullable String name, ConstraintValidatorContext context) {
            if (name == null) {
                return true;
            }
            try {
                DocumentNames.check(name);
            } catch (DocumentValidationException e) {
                Problem problem = e.problems().get(0);
                return refuse(context, problem.detail(), problem.limit());
            }
            return within(context, name.codePointCount(0, name.length()), "characters", limits.nameLength());
        }
    }

    static final class MetadataRule implements ConstraintValidator<WithinLimits, Metadata> {
        private final Limits limits;

        MetadataRule(Limits limits) {
            this.limits = limits;
        }

        @Override
        public boolean isValid(@Nullable Metadata metadata, ConstraintValidatorContext context) {
            return metadata == null
                    || (within(context, metadata.depth(), "levels of nesting", limits.metadataDepth())
                            && within(context, metadata.entries(), "entries", limits.metadataEntries())
                            && within(context, metadata.sizeBytes(), "bytes", limits.metadataBytes()));
        }
    }

    /** Hands the limits to our own rules and leaves the standard ones to the provider. */
    private record WithLimits(Limits limits, ConstraintValidatorFactory standard)
            implements ConstraintValidatorFactory {
        @Override
        public <T extends ConstraintValidator<?, ?>> T getInstance(Class<T> rule) {
            if (rule == NameRule.class) {
                return rule.cast(new NameRule(limits));
            } else if (rule == MetadataRule.class) {
                return rule.cast(new MetadataRule(limits));
            }
            return standard.getInstance(rule);
        }

        @Override
        public void releaseInstance(ConstraintValidator<?, ?> rule) {
            standard.releaseInstance(rule);
        }
    }
}
