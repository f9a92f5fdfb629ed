package dev.hearth.gateway.framing;

/** A message that breaks the rules of framing. Without a stack trace: hostile clients make many. */
public final class MalformedMessage extends Exception {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    public MalformedMessage(Refusal refusal) {
        super(refusal.sentence(), null, false, false);
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }
}
