from throttle import Rate, RateLimiter


class FakeClock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_clients_are_independent():
    limiter = RateLimiter(Rate(1, 60), clock=FakeClock())
    assert limiter.check("a").allowed
    assert not limiter.check("a").allowed
    assert limiter.check("b").allowed


def test_retry_after():
    clock = FakeClock()
    limiter = RateLimiter(Rate(30, 60), burst=1, clock=clock)
    limiter.check("a")
    clock.now += 0.5
    decision = limiter.check("a")
    assert (decision.allowed, decision.retry_after_s) == (False, 1.5)


def test_forget_idle():
    clock = FakeClock()
    limiter = RateLimiter(Rate(2, 1), clock=clock)
    limiter.check("a")
    clock.now += 0.25
    limiter.check("b")
    clock.now += 0.25
    assert limiter.forget_idle() == 1
