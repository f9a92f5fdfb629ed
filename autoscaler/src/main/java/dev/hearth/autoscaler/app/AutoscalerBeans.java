package dev.hearth.autoscaler.app;

import dev.hearth.autoscaler.observe.Observations;
import dev.hearth.contracts.Clock;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Makes what decides out of what is there. */
class AutoscalerBeans {
    @Produces
    @Singleton
    Observations observations() {
        int most = Observations.mostFor(Runtime.getRuntime().maxMemory());
        return new Observations(Clock.system(), most);
    }
}
