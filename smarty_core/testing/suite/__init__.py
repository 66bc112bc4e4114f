"""The compliance kit: one suite per capability. Inherit it, override its fixtures, and your driver is tested.

class TestMyBackend(SmsBackendSuite):
    @pytest.fixture
    def driver(self, host): return MyBackend("main", Settings(...), host)
"""
