"""Words of protein and organism names whose case is not what a plain rule would give them."""

# Written in one way whatever stands around them: acronyms, symbols of genes, elements and amino acids, people, genera.
_FIXED = """
DNA RNA cDNA dsDNA ssDNA rDNA tRNA mRNA rRNA snRNA siRNA dsRNA RNase DNase ATPase GTPase ATP ADP AMP GTP GDP GMP CTP
UTP UDP UMP TMP dTDP dTMP dTTP dUTP dUTPase dATP dCTP dGTP cAMP cGMP NAD NADH NADP NADPH FAD FMN CoA SAM HIV SIV HLA
IgA IgD IgE IgG IgM Ig Fab Fc Fv scFv pH kDa SUMO AMPA NMDA GABA ABC AAA PAS USP UBA EGF EGFR FGF VEGF IAP TIM ATCC
DSM JCM NBRC NCTC NRRL PCC CIP LMG RIMD NMR COX UV IU GAS EBNA BPTI NACHT TATA ICAM KRAS HRAS NRAS BRAF Ras Raf Rab
Ran Rap Rho Myb Myc Max Jun Fos Cro Arc Rop Nef Rev Tat Gag Pol Tax Rel Abl Src Fyn Lck Syk Btk Kit Erb Tu Ts Cu Zn Fe
Mn Mg Ni Ag Hg Ala Arg Asn Asp Cys Gln Glu Gly His Ile Leu Lys Met Phe Ser Thr Trp Tyr Val Alzheimer Bruton Bence
Jones Kunitz Kazal Bowman Birk Barr Epstein Golgi Parkinson Burkitt Moloney Friend Lewis Zika Ebola Rous Escherichia
Bacillus Staphylococcus Streptomyces Sulfolobus Thermus Aspergillus Pseudomonas Salmonella Streptococcus Saccharomyces
"""
# Named after people, in the names of viruses.
_PEOPLE = """
EPSTEIN BARR MOLONEY FRIEND ROUS ABELSON RAUSCHER
"""
# Words so short that they could be acronyms.
_SHORT = """
of and the in to with from by for or at on as is no not a an non sub pre pro anti like type form cell gene acid zinc
iron heat low high long dual site core coat head tail half egg hen milk bile urea base acyl aryl oxo oxy oxi aza cis
endo exo mono di tri poly oligo apo holo de novo mini new old box loop fold coil stem tip arm ring band disc disk unit
pair bond rich free late host salt blue red main cold pump null two one nine four six ten heme haem mast cut flap wall
pore gate fast slow open post thio aquo seed leaf root bean pea rice corn wheat yeast rat cow pig dog cat bee ant fly
worm moth frog toad fish hog horse eye ear bone skin lung gut yl enyl ol al ion via per sea snake sp subsp pv str var
bv cv mer ray myo neo iso bis end key toll runt sign coli male gas mite lac
"""
_GREEK = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi
omega
"""

FIXED = {form.upper(): form for form in _FIXED.split()}
PEOPLE = frozenset(_PEOPLE.split())
GREEK = frozenset(_GREEK.split())
SHORT_WORDS = frozenset(_SHORT.split()) | GREEK - {"xi"}  # XI is a numeral
