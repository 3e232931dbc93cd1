"""Lists words that are never names in a language, where its grammar does not say so.

Every word of the code that is not a keyword counts as a use of a name. Where definitions are calls
(`defn`, `defmodule`), keywords are commands (`set`, `function`) or the grammar gives keywords named
nodes, only a list can tell keywords from names; otherwise they would be the most used names of all.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _in_both_cases(text: str) -> frozenset[str]:
    return _words(text) | _words(text.upper())


DART = _words(
    """
    const final late var void this super true false null required covariant abstract async await
    """
)

ELIXIR = _words(
    """
    def defp defmodule defmacro defmacrop defprotocol defimpl defstruct defguard defguardp
    defdelegate defexception defoverridable import alias require use quote unquote case cond if
    unless with for
    """
)

ELM = _words(
    """
    port module exposing import as type alias let in case of if then else infix effect where
    """
)

CLOJURE = _words(
    """
    ns def defn defn- defmacro defonce defmulti defmethod defprotocol defrecord deftype
    definterface declare fn let letfn if if-let if-not when when-let when-not cond case do loop
    recur for doseq and or not
    """
)

COMMONLISP = _words(
    """
    defpackage in-package defvar defparameter defconstant defstruct defclass deftype
    define-condition defsetf define-compiler-macro let let* flet labels macrolet if when unless
    cond case progn setf setq lambda t nil and or not
    """
)

ZIG = _words("void bool type anytype noreturn usize isize true false null undefined")

BASH = _words(
    """
    alias break cd command continue echo eval exec exit getopts printf read return set shift
    source trap unset
    """
)

POWERSHELL = _words("class enum static hidden using module namespace param and or not $_ $this")

HCL = _words("resource variable output locals local var module provider terraform data each")

FORTRAN = _in_both_cases(
    """
    abstract allocatable allocate call case character class complex contains contiguous cycle data
    deallocate default dimension do double elemental else elseif end enddo endif endfunction
    endmodule endprogram endsubroutine enum enumerator exit extends external final format function
    generic go goto if implicit import in inout include inquire integer intent interface intrinsic
    kind logical module none nopass only open operator optional out parameter pass pointer
    precision print private procedure program protected public pure read real recursive result
    return save select stop subroutine target then to type use value where while write
    """
)

D = _words(
    """
    alias auto bool break case cast catch char class const continue core dchar default delegate
    delete do double else enum extern final finally float for foreach foreach_reverse function if
    immutable import in inout int interface is lazy long mixin module new null out override
    private protected public pure real ref return scope short static string struct super switch
    synchronized template this throw true false try typeof ubyte uint ulong union unittest ushort
    version void wchar while with abstract deprecated assert nothrow
    """
)

VERILOG = _words("include define timescale ifdef ifndef endif undef else elsif default_nettype")

CMAKE = _in_both_cases(
    """
    if else elseif endif foreach endforeach while endwhile function endfunction macro endmacro
    return break set unset option include project message list string math file install
    find_package add_subdirectory add_library add_executable add_custom_target add_custom_command
    add_test cmake_minimum_required target_link_libraries target_include_directories
    target_compile_options target_compile_definitions target_sources set_target_properties
    set_property get_property
    """
) | _words(
    """
    VERSION REQUIRED PUBLIC PRIVATE INTERFACE STATIC SHARED NAME COMMAND DESTINATION TARGETS
    STATUS ON OFF STREQUAL MATCHES NOT AND OR DEFINED EXISTS COMPONENTS CACHE FORCE PARENT_SCOPE
    """
)

DOCKERFILE = _in_both_cases(
    """
    from as run copy add arg env cmd entrypoint expose workdir user volume label shell healthcheck
    onbuild none
    """
)
