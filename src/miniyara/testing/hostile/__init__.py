"""Hostile input for everything that reads what an attacker may have written.

A *parser* reads bytes in one of the ways in which they come to miniyara. A *trial* hands it
some, and holds it to its promise: it ends soon, takes little memory, and raises
:class:`miniyara.Error` or nothing. The inputs are guided by the coverage of the code if the
package ``atheris`` is there.
"""
