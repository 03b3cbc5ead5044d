"""Templates: a vendor's request written down as YAML, and everything proved and done with it.

`schema` what a file may say · `template` compiled · `params` `names` what its expressions name · `contract` `leaks`
`violations` what the vendor takes · `personal` `proofs` what is proved at load · `url` `request` the request ·
`age` `advice` what delivery and people go by · `binding` a template with one tag's parameters · `response` what an
answer means · `runner` tests and `tagport render`.
"""

from container.templates.advice import Advice, advice_of
from container.templates.binding import Aimed, Binding, bind, bind_values
from container.templates.params import Parameter, Variable, check_names
from container.templates.personal import Names
from container.templates.response import DeliveryRules
from container.templates.runner import TestResult, render, run_tests
from container.templates.schema import SCHEMA
from container.templates.template import Template, Templates, compile, compile_templates

__all__ = [
    "SCHEMA",
    "Advice",
    "Aimed",
    "Binding",
    "DeliveryRules",
    "Names",
    "Parameter",
    "Template",
    "Templates",
    "TestResult",
    "Variable",
    "advice_of",
    "bind",
    "bind_values",
    "check_names",
    "compile",
    "compile_templates",
    "render",
    "run_tests",
]
