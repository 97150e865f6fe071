package dev.docs.conformance;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.docs.domain.DocumentData;
import dev.docs.domain.DocumentRepository;
import org.junit.jupiter.api.Test;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;

final class RandomHistoriesTest {
    @Test
    void twoRepositoriesAnswerTheSameAndTheirCountersEqualARecount() {
        for (long seed = 0; seed < 150; seed++) {
            RandomHistories.compare(seed, 300, new InMemoryDocumentRepository(), new InMemoryDocumentRepository());
        }
    }

    @Test
    void oneThatAnswersDifferentlyOnceIsFoundWithTheSeedAndTheSteps() {
        AtomicInteger updates = new AtomicInteger();
        DocumentRepository forgetful = (DocumentRepository) Proxy.newProxyInstance(
                DocumentRepository.class.getClassLoader(),
                new Class<?>[] {DocumentRepository.class},
                forgetting(new InMemoryDocumentRepository(), updates));

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> RandomHistories.compare(7, 500, new InMemoryDocumentRepository(), forgetful))
                .withMessageContainingAll("seed 7", "steps:", "update to DocumentData");
    }

    /** Loses the tenth update. */
    private static InvocationHandler forgetting(DocumentRepository real, AtomicInteger updates) {
        return (proxy, method, arguments) -> {
            if (method.getName().equals("update")
                    && arguments[0] instanceof DocumentData
                    && updates.incrementAndGet() == 10) {
                return null;
            }
            try {
                return method.invoke(real, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        };
    }
}
