<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
  <context>
    <name>contract</name>
    <message>
      <source>%</source>
      <translation>%</translation>
    </message>
    <message>
      <source>10 m</source>
      <translation>10 m</translation>
    </message>
    <message>
      <source>2.5 m</source>
      <translation>2,5 m</translation>
    </message>
    <message>
      <source>2.5 m and 10 m</source>
      <translation>2,5 m und 10 m</translation>
    </message>
    <message>
      <source>5 m</source>
      <translation>5 m</translation>
    </message>
    <message>
      <source>5 m and 10 m</source>
      <translation>5 m und 10 m</translation>
    </message>
    <message>
      <source>A class of its own</source>
      <translation>Eine eigene Klasse</translation>
    </message>
    <message>
      <source>A class with fewer training pixels than this is rare; 0: none is.</source>
      <translation>Eine Klasse mit weniger Trainingspixeln ist selten; 0: keine ist es.</translation>
    </message>
    <message>
      <source>A dataset folder.</source>
      <translation>Ein Datensatzordner.</translation>
    </message>
    <message>
      <source>A dataset to which the new area or year is added. It is not changed: the output holds both, with its classes, bands, chips and split.</source>
      <translation>Ein Datensatz, zu dem das neue Gebiet oder Jahr kommt. Er wird nicht verändert: Die Ausgabe enthält beides, mit seinen Klassen, Bändern, Chips und seiner Aufteilung.</translation>
    </message>
    <message>
      <source>A field of the parcels</source>
      <translation>Ein Feld der Parzellen</translation>
    </message>
    <message>
      <source>A map folder.</source>
      <translation>Ein Kartenordner.</translation>
    </message>
    <message>
      <source>A model folder.</source>
      <translation>Ein Modellordner.</translation>
    </message>
    <message>
      <source>A polygon layer with one feature a parcel, in any format that OGR reads.</source>
      <translation>Ein Polygonlayer mit einem Objekt je Parzelle, in jedem Format, das OGR liest.</translation>
    </message>
    <message>
      <source>A pretrained model folder. Empty: training starts from scratch.</source>
      <translation>Ein Ordner mit vortrainiertem Modell. Leer: Das Training beginnt bei null.</translation>
    </message>
    <message>
      <source>A raster of true class codes, read for scoring alone, never for training.</source>
      <translation>Ein Raster der wahren Klassencodes; es dient nur der Bewertung, nie dem Training.</translation>
    </message>
    <message>
      <source>A tile or a harvest year that is kept for test, on top of the blocks: nothing of its ground is trained on.</source>
      <translation>Eine Kachel oder ein Erntejahr, zusätzlich zu den Blöcken für den Test zurückgehalten: Auf nichts von diesem Boden wird trainiert.</translation>
    </message>
    <message>
      <source>Accuracy that is expected of each class, from which the points follow.</source>
      <translation>Erwartete Genauigkeit jeder Klasse, aus der sich die Zahl der Punkte ergibt.</translation>
    </message>
    <message>
      <source>Add a learned vector of the relative position to the neighbours.</source>
      <translation>Einen gelernten Vektor der relativen Lage zu den Nachbarn hinzufügen.</translation>
    </message>
    <message>
      <source>Address of a dask scheduler, tcp://HOST:PORT, whose workers do the work in place of this machine; they must see the same files under the same paths.</source>
      <translation>Adresse eines Dask-Schedulers, tcp://HOST:PORT, dessen Worker die Arbeit anstelle dieses Rechners tun; sie müssen dieselben Dateien unter denselben Pfaden sehen.</translation>
    </message>
    <message>
      <source>Administrative units</source>
      <translation>Verwaltungseinheiten</translation>
    </message>
    <message>
      <source>Alike</source>
      <translation>Gleich</translation>
    </message>
    <message>
      <source>All alike</source>
      <translation>Alle gleich</translation>
    </message>
    <message>
      <source>All of it: from images and parcels to a crop map and classified parcels.</source>
      <translation>Alles zusammen: von Bildern und Parzellen zu Anbaukarte und klassifizierten Parzellen.</translation>
    </message>
    <message>
      <source>All pixels</source>
      <translation>Alle Pixel</translation>
    </message>
    <message>
      <source>Allocation</source>
      <translation>Verteilung</translation>
    </message>
    <message>
      <source>Anchors</source>
      <translation>Anker</translation>
    </message>
    <message>
      <source>Another band</source>
      <translation>Ein anderes Band</translation>
    </message>
    <message>
      <source>Append to</source>
      <translation>Anfügen an</translation>
    </message>
    <message>
      <source>Area</source>
      <translation>Fläche</translation>
    </message>
    <message>
      <source>Area of interest</source>
      <translation>Untersuchungsgebiet</translation>
    </message>
    <message>
      <source>Area polygons</source>
      <translation>Gebietspolygone</translation>
    </message>
    <message>
      <source>Area table</source>
      <translation>Flächentabelle</translation>
    </message>
    <message>
      <source>Arithmetic of the network: bfloat16 is much faster on processors with AMX and on GPUs, and changes a few pixels in a thousand.</source>
      <translation>Rechengenauigkeit des Netzes: bfloat16 ist auf Prozessoren mit AMX und auf Grafikkarten viel schneller und ändert wenige von tausend Pixeln.</translation>
    </message>
    <message>
      <source>As many at boundaries as inside</source>
      <translation>An Grenzen so viele wie im Inneren</translation>
    </message>
    <message>
      <source>At boundaries</source>
      <translation>An Grenzen</translation>
    </message>
    <message>
      <source>Backbone</source>
      <translation>Backbone</translation>
    </message>
    <message>
      <source>Balanced</source>
      <translation>Ausgeglichen</translation>
    </message>
    <message>
      <source>Bands</source>
      <translation>Bänder</translation>
    </message>
    <message>
      <source>Bands whose season curves are drawn beside NDVI, separated by commas. Empty: B04, B08, B11.</source>
      <translation>Bänder, deren Saisonkurven neben dem NDVI gezeichnet werden, durch Kommas getrennt. Leer: B04, B08, B11.</translation>
    </message>
    <message>
      <source>Boundaries</source>
      <translation>Grenzen</translation>
    </message>
    <message>
      <source>Boundary strength</source>
      <translation>Grenzstärke</translation>
    </message>
    <message>
      <source>Boundary weight</source>
      <translation>Gewicht der Grenzen</translation>
    </message>
    <message>
      <source>Build a dataset from a time series and parcels.</source>
      <translation>Einen Datensatz aus Zeitreihe und Parzellen bauen.</translation>
    </message>
    <message>
      <source>By area, with a minimum for each class</source>
      <translation>Nach Fläche, mit einem Minimum je Klasse</translation>
    </message>
    <message>
      <source>By boundaries</source>
      <translation>Nach Grenzen</translation>
    </message>
    <message>
      <source>By rare classes</source>
      <translation>Nach seltenen Klassen</translation>
    </message>
    <message>
      <source>CSV with the columns image, date, bands, scale, offset, nodata, level, for what the images do not tell themselves; the image * stands for all others.</source>
      <translation>CSV mit den Spalten image, date, bands, scale, offset, nodata, level für das, was die Bilder selbst nicht sagen; das Bild * steht für alle übrigen.</translation>
    </message>
    <message>
      <source>CSV with the columns source_value, name, code, colour, and hcat if wanted; the columns of EuroCrops are known too.</source>
      <translation>CSV mit den Spalten source_value, name, code, colour und bei Bedarf hcat; auch die Spalten von EuroCrops sind bekannt.</translation>
    </message>
    <message>
      <source>CSV with the columns stratum and pixels, for a sample that was not drawn by the job sample; its points need a field stratum.</source>
      <translation>CSV mit den Spalten stratum und pixels für eine Stichprobe, die nicht vom Job sample gezogen wurde; ihre Punkte brauchen ein Feld stratum.</translation>
    </message>
    <message>
      <source>CSV, without geometry</source>
      <translation>CSV, ohne Geometrie</translation>
    </message>
    <message>
      <source>Centred on parcels</source>
      <translation>Auf Parzellen zentriert</translation>
    </message>
    <message>
      <source>Chip size</source>
      <translation>Chipgröße</translation>
    </message>
    <message>
      <source>Chips</source>
      <translation>Chips</translation>
    </message>
    <message>
      <source>Class field</source>
      <translation>Klassenfeld</translation>
    </message>
    <message>
      <source>Class table</source>
      <translation>Klassentabelle</translation>
    </message>
    <message>
      <source>Class weights</source>
      <translation>Klassengewichte</translation>
    </message>
    <message>
      <source>Classification, as a control: its classifier is dropped afterwards</source>
      <translation>Klassifikation als Kontrolle: Ihr Klassifikator wird danach verworfen</translation>
    </message>
    <message>
      <source>Classify parcels from a crop map.</source>
      <translation>Parzellen aus einer Anbaukarte klassifizieren.</translation>
    </message>
    <message>
      <source>Cloud limit</source>
      <translation>Wolkengrenze</translation>
    </message>
    <message>
      <source>Cloud mask</source>
      <translation>Wolkenmaske</translation>
    </message>
    <message>
      <source>Composite</source>
      <translation>Komposit</translation>
    </message>
    <message>
      <source>Confidence</source>
      <translation>Konfidenz</translation>
    </message>
    <message>
      <source>Confidence 2.5 m</source>
      <translation>Konfidenz 2,5 m</translation>
    </message>
    <message>
      <source>Confidence 5 m</source>
      <translation>Konfidenz 5 m</translation>
    </message>
    <message>
      <source>Context</source>
      <translation>Umfeld</translation>
    </message>
    <message>
      <source>Context-self contrast as released by the authors</source>
      <translation>Kontext-Selbst-Kontrast, wie von den Autoren veröffentlicht</translation>
    </message>
    <message>
      <source>Context-self contrast, masked: only pairs with known labels inside the image</source>
      <translation>Kontext-Selbst-Kontrast, maskiert: nur Paare mit bekannten Labels im Bild</translation>
    </message>
    <message>
      <source>Continental</source>
      <translation>Kontinental</translation>
    </message>
    <message>
      <source>Coordinate reference system</source>
      <translation>Koordinatenbezugssystem</translation>
    </message>
    <message>
      <source>Coordinate reference system of the file, for example EPSG:4326. Empty: the layer's.</source>
      <translation>Koordinatenbezugssystem der Datei, zum Beispiel EPSG:4326. Leer: das des Layers.</translation>
    </message>
    <message>
      <source>Counted as unknown</source>
      <translation>Als unbekannt gezählt</translation>
    </message>
    <message>
      <source>Cover by crop</source>
      <translation>Bedeckung nach Kultur</translation>
    </message>
    <message>
      <source>Crop</source>
      <translation>Kultur</translation>
    </message>
    <message>
      <source>Crop map</source>
      <translation>Anbaukarte</translation>
    </message>
    <message>
      <source>Crop map 2.5 m</source>
      <translation>Anbaukarte 2,5 m</translation>
    </message>
    <message>
      <source>Crop map 5 m</source>
      <translation>Anbaukarte 5 m</translation>
    </message>
    <message>
      <source>Cropland mask</source>
      <translation>Ackermaske</translation>
    </message>
    <message>
      <source>Crops</source>
      <translation>Kulturen</translation>
    </message>
    <message>
      <source>Cross-entropy</source>
      <translation>Kreuzentropie</translation>
    </message>
    <message>
      <source>Cross-entropy and log-cosh Dice</source>
      <translation>Kreuzentropie und Log-Cosh-Dice</translation>
    </message>
    <message>
      <source>Cross-entropy on the similarity, masked</source>
      <translation>Kreuzentropie der Ähnlichkeit, maskiert</translation>
    </message>
    <message>
      <source>Cross-fit</source>
      <translation>Kreuzanpassung</translation>
    </message>
    <message>
      <source>Cut the season at this many dates, evenly spread, and score the map of each: how early in the season the crops can be told. Each date costs about one more evaluation at 10 m. 0: none.</source>
      <translation>Die Saison an so vielen gleichmäßig verteilten Tagen abschneiden und jeweils die Karte bewerten: wie früh in der Saison die Kulturen erkennbar sind. Jeder Tag kostet etwa eine weitere Bewertung bei 10 m. 0: keine.</translation>
    </message>
    <message>
      <source>Dataset</source>
      <translation>Datensatz</translation>
    </message>
    <message>
      <source>Dates</source>
      <translation>Termine</translation>
    </message>
    <message>
      <source>Dates to cut at</source>
      <translation>Abschnitte der Saison</translation>
    </message>
    <message>
      <source>Days whose images are not used (YYYY-MM-DD), separated by commas.</source>
      <translation>Tage, deren Bilder nicht benutzt werden (JJJJ-MM-TT), durch Kommas getrennt.</translation>
    </message>
    <message>
      <source>Define a time series from Sentinel-2 images.</source>
      <translation>Eine Zeitreihe aus Sentinel-2-Bildern definieren.</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Gerät</translation>
    </message>
    <message>
      <source>Difficulty</source>
      <translation>Schwierigkeit</translation>
    </message>
    <message>
      <source>Dilation</source>
      <translation>Dilatation</translation>
    </message>
    <message>
      <source>Distance between neighbours in the window.</source>
      <translation>Abstand der Nachbarn im Fenster.</translation>
    </message>
    <message>
      <source>Distance between the locations that are compared with their windows.</source>
      <translation>Abstand der Orte, die mit ihren Fenstern verglichen werden.</translation>
    </message>
    <message>
      <source>Draw a stratified random sample from a map, as points to label.</source>
      <translation>Aus einer Karte eine geschichtete Zufallsstichprobe ziehen, als Punkte zum Beschriften.</translation>
    </message>
    <message>
      <source>Draw the parcels that a map shows, where there is no layer of them.</source>
      <translation>Die Parzellen zeichnen, die eine Karte zeigt, wo es keinen Layer von ihnen gibt.</translation>
    </message>
    <message>
      <source>Each date</source>
      <translation>Jeder Termin</translation>
    </message>
    <message>
      <source>Easy</source>
      <translation>Leicht</translation>
    </message>
    <message>
      <source>Epochs</source>
      <translation>Epochen</translation>
    </message>
    <message>
      <source>Estimate the area of each class, and the map's accuracy, from a labelled sample.</source>
      <translation>Aus einer beschrifteten Stichprobe die Fläche jeder Klasse und die Genauigkeit der Karte schätzen.</translation>
    </message>
    <message>
      <source>Evaluate a model on one split of a dataset.</source>
      <translation>Ein Modell auf einem Teil eines Datensatzes bewerten.</translation>
    </message>
    <message>
      <source>Evaluation</source>
      <translation>Bewertung</translation>
    </message>
    <message>
      <source>Every class gets at least this many points, unless it has fewer pixels.</source>
      <translation>Jede Klasse erhält mindestens so viele Punkte, sofern sie nicht weniger Pixel hat.</translation>
    </message>
    <message>
      <source>Expected accuracy</source>
      <translation>Erwartete Genauigkeit</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Export</translation>
    </message>
    <message>
      <source>Export classified parcels to a GIS format.</source>
      <translation>Klassifizierte Parzellen in ein GIS-Format exportieren.</translation>
    </message>
    <message>
      <source>Family</source>
      <translation>Familie</translation>
    </message>
    <message>
      <source>Fewest points a class</source>
      <translation>Wenigste Punkte je Klasse</translation>
    </message>
    <message>
      <source>Field of the true class</source>
      <translation>Feld der wahren Klasse</translation>
    </message>
    <message>
      <source>Fields</source>
      <translation>Felder</translation>
    </message>
    <message>
      <source>File for the time series, named NAME.series.json.</source>
      <translation>Datei für die Zeitreihe, mit Namen NAME.series.json.</translation>
    </message>
    <message>
      <source>File to write.</source>
      <translation>Zu schreibende Datei.</translation>
    </message>
    <message>
      <source>Filled linearly in time</source>
      <translation>Linear in der Zeit gefüllt</translation>
    </message>
    <message>
      <source>Findings</source>
      <translation>Befunde</translation>
    </message>
    <message>
      <source>Fine labels</source>
      <translation>Feine Labels</translation>
    </message>
    <message>
      <source>Fine-tune a network for crop classification.</source>
      <translation>Ein Netz für die Klassifikation von Kulturen feinabstimmen.</translation>
    </message>
    <message>
      <source>Fine-tuning</source>
      <translation>Feinabstimmung</translation>
    </message>
    <message>
      <source>First and last day as START/END, for example 2018-10-01/2019-09-30; it may cross New Year. Empty: the last full twelve months that the dates cover.</source>
      <translation>Erster und letzter Tag als ANFANG/ENDE, zum Beispiel 2018-10-01/2019-09-30; auch über Neujahr. Leer: die letzten vollen zwölf Monate, die die Termine abdecken.</translation>
    </message>
    <message>
      <source>First and last day as START/END. Empty: the model's season in the images' year.</source>
      <translation>Erster und letzter Tag als ANFANG/ENDE. Leer: die Saison des Modells im Jahr der Bilder.</translation>
    </message>
    <message>
      <source>FlatGeobuf</source>
      <translation>FlatGeobuf</translation>
    </message>
    <message>
      <source>Fold</source>
      <translation>Fold</translation>
    </message>
    <message>
      <source>Folder for images, parcels and truth.</source>
      <translation>Ordner für Bilder, Parzellen und Wahrheit.</translation>
    </message>
    <message>
      <source>Folder for report.html and report.json.</source>
      <translation>Ordner für report.html und report.json.</translation>
    </message>
    <message>
      <source>Folder for report.json and report.html.</source>
      <translation>Ordner für report.json und report.html.</translation>
    </message>
    <message>
      <source>Folder for the areas by class and unit, and the report.</source>
      <translation>Ordner für die Flächen nach Klasse und Einheit und den Bericht.</translation>
    </message>
    <message>
      <source>Folder for the crop map and its layers.</source>
      <translation>Ordner für die Anbaukarte und ihre Layer.</translation>
    </message>
    <message>
      <source>Folder for the dataset.</source>
      <translation>Ordner für den Datensatz.</translation>
    </message>
    <message>
      <source>Folder for the model.</source>
      <translation>Ordner für das Modell.</translation>
    </message>
    <message>
      <source>Folder for the patches, their labels and metadata.geojson.</source>
      <translation>Ordner für die Ausschnitte, ihre Labels und metadata.geojson.</translation>
    </message>
    <message>
      <source>Folder for the scene and all results.</source>
      <translation>Ordner für die Szene und alle Ergebnisse.</translation>
    </message>
    <message>
      <source>Folder for time series, dataset, model, map, parcels and report.</source>
      <translation>Ordner für Zeitreihe, Datensatz, Modell, Karte, Parzellen und Bericht.</translation>
    </message>
    <message>
      <source>Folder of the published dataset, as it was unpacked.</source>
      <translation>Ordner des veröffentlichten Datensatzes, wie er entpackt wurde.</translation>
    </message>
    <message>
      <source>Folds</source>
      <translation>Folds</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>Format</translation>
    </message>
    <message>
      <source>Freeze</source>
      <translation>Einfrieren</translation>
    </message>
    <message>
      <source>Full: the published protocol, on a GPU</source>
      <translation>Voll: das veröffentlichte Protokoll, auf einer Grafikkarte</translation>
    </message>
    <message>
      <source>Gaps</source>
      <translation>Lücken</translation>
    </message>
    <message>
      <source>GeoJSON</source>
      <translation>GeoJSON</translation>
    </message>
    <message>
      <source>GeoPackage</source>
      <translation>GeoPackage</translation>
    </message>
    <message>
      <source>GeoPackage for the classified parcels.</source>
      <translation>GeoPackage für die klassifizierten Parzellen.</translation>
    </message>
    <message>
      <source>GeoPackage for the points to label.</source>
      <translation>GeoPackage für die zu beschriftenden Punkte.</translation>
    </message>
    <message>
      <source>GeoPackage for the polygons.</source>
      <translation>GeoPackage für die Polygone.</translation>
    </message>
    <message>
      <source>GeoParquet</source>
      <translation>GeoParquet</translation>
    </message>
    <message>
      <source>Gradient checkpointing</source>
      <translation>Gradient Checkpointing</translation>
    </message>
    <message>
      <source>Ground of one crop is parted where the boundary strength reaches this, 0 to 1.</source>
      <translation>Boden einer Kultur wird geteilt, wo die Grenzstärke diesen Wert erreicht, 0 bis 1.</translation>
    </message>
    <message>
      <source>Ground this close to the outline of its parcel counts as unknown; 0: all is used.</source>
      <translation>Boden so nah am Umriss seiner Parzelle zählt als unbekannt; 0: alles wird benutzt.</translation>
    </message>
    <message>
      <source>Hard</source>
      <translation>Schwer</translation>
    </message>
    <message>
      <source>Harvest year</source>
      <translation>Erntejahr</translation>
    </message>
    <message>
      <source>Hold out</source>
      <translation>Zurückhalten</translation>
    </message>
    <message>
      <source>How alike the crops are, and how much they vary.</source>
      <translation>Wie ähnlich die Kulturen sind und wie sehr sie schwanken.</translation>
    </message>
    <message>
      <source>How clouds are masked: by the scene classification (SCL) or not at all.</source>
      <translation>Wie Wolken maskiert werden: durch die Szenenklassifikation (SCL) oder gar nicht.</translation>
    </message>
    <message>
      <source>How clouds are masked: by the scene classification (SCL), by another band, by OmniCloudMask where its package is installed, or not at all.</source>
      <translation>Wie Wolken maskiert werden: durch die Szenenklassifikation (SCL), ein anderes Band, OmniCloudMask, wo das Paket installiert ist, oder gar nicht.</translation>
    </message>
    <message>
      <source>How far the mask reaches beyond clouds and their shadows.</source>
      <translation>Wie weit die Maske über Wolken und ihre Schatten hinausreicht.</translation>
    </message>
    <message>
      <source>How long to train: quick takes minutes, standard a night, full needs a GPU.</source>
      <translation>Wie lange trainiert wird: schnell dauert Minuten, Standard eine Nacht, voll braucht eine Grafikkarte.</translation>
    </message>
    <message>
      <source>How many times finer than 10 m the fine labels are, which training at 5 m (2) or 2.5 m (4) needs. Empty: as the resolution has it, 4 at 10 m.</source>
      <translation>Wievielmal feiner als 10 m die feinen Labels sind, die das Training bei 5 m (2) oder 2,5 m (4) braucht. Leer: wie es die Auflösung verlangt, 4 bei 10 m.</translation>
    </message>
    <message>
      <source>How much outlines are simplified, in pixels of the map: corners whose triangle is smaller than its square go; 0: none. Empty: 3 at 10 m, 4 at finer ones.</source>
      <translation>Wie stark Umrisse vereinfacht werden, in Pixeln der Karte: Ecken, deren Dreieck kleiner als das Quadrat davon ist, entfallen; 0: keine. Leer: 3 bei 10 m, 4 bei feineren.</translation>
    </message>
    <message>
      <source>How often training chips are drawn: all alike, those with rare classes more often, or those with many boundary pixels more often.</source>
      <translation>Wie oft Trainingschips gezogen werden: alle gleich, solche mit seltenen Klassen öfter oder solche mit vielen Grenzpixeln öfter.</translation>
    </message>
    <message>
      <source>How the points are shared among the map's classes.</source>
      <translation>Wie die Punkte auf die Klassen der Karte verteilt werden.</translation>
    </message>
    <message>
      <source>How training, validation and test parcels are kept apart.</source>
      <translation>Wie Trainings-, Validierungs- und Testparzellen getrennt werden.</translation>
    </message>
    <message>
      <source>Ignored</source>
      <translation>Ignoriert</translation>
    </message>
    <message>
      <source>Image table</source>
      <translation>Bildtabelle</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Bilder</translation>
    </message>
    <message>
      <source>Import</source>
      <translation>Import</translation>
    </message>
    <message>
      <source>Inner buffer</source>
      <translation>Innenabstand</translation>
    </message>
    <message>
      <source>Inspection</source>
      <translation>Prüfung</translation>
    </message>
    <message>
      <source>Inspection table</source>
      <translation>Prüftabelle</translation>
    </message>
    <message>
      <source>Joined as other crops</source>
      <translation>Als andere Kulturen vereint</translation>
    </message>
    <message>
      <source>Joint loss</source>
      <translation>Gemeinsamer Verlust</translation>
    </message>
    <message>
      <source>KML</source>
      <translation>KML</translation>
    </message>
    <message>
      <source>Keep less of each step in memory and compute it a second time for the gradients: about a third more time, the same result.</source>
      <translation>Von jedem Schritt weniger im Speicher halten und es für die Gradienten ein zweites Mal berechnen: etwa ein Drittel mehr Zeit, dasselbe Ergebnis.</translation>
    </message>
    <message>
      <source>Keep the probability of every class; parcels are classified from it.</source>
      <translation>Die Wahrscheinlichkeit jeder Klasse behalten; Parzellen werden daraus klassifiziert.</translation>
    </message>
    <message>
      <source>Labels</source>
      <translation>Labels</translation>
    </message>
    <message>
      <source>Landscape</source>
      <translation>Landschaft</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>Layer</translation>
    </message>
    <message>
      <source>Layout</source>
      <translation>Aufbau</translation>
    </message>
    <message>
      <source>Learn cover</source>
      <translation>Bedeckung lernen</translation>
    </message>
    <message>
      <source>Learn what share of each pixel every class covers, as the finer labels say, rather than the class that covers most.</source>
      <translation>Lernen, welchen Anteil jedes Pixels jede Klasse bedeckt, wie es die feineren Labels sagen, statt nur der vorherrschenden Klasse.</translation>
    </message>
    <message>
      <source>Leave out dates whose clouds hide more than this share of the whole area. Empty: every date with clear pixels is used.</source>
      <translation>Termine auslassen, deren Wolken mehr als diesen Anteil des ganzen Gebiets verdecken. Leer: Jeder Termin mit klaren Pixeln wird benutzt.</translation>
    </message>
    <message>
      <source>Left as they are</source>
      <translation>Belassen</translation>
    </message>
    <message>
      <source>Local InfoNCE with a temperature</source>
      <translation>Lokales InfoNCE mit Temperatur</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>Verlust</translation>
    </message>
    <message>
      <source>MTLCC</source>
      <translation>MTLCC</translation>
    </message>
    <message>
      <source>Map</source>
      <translation>Karte</translation>
    </message>
    <message>
      <source>Map crops with a trained model.</source>
      <translation>Kulturen mit einem trainierten Modell kartieren.</translation>
    </message>
    <message>
      <source>Map folder</source>
      <translation>Kartenordner</translation>
    </message>
    <message>
      <source>Map only this extent: xmin,ymin,xmax,ymax in the images' coordinates. Empty: all.</source>
      <translation>Nur diese Ausdehnung kartieren: xmin,ymin,xmax,ymax in den Koordinaten der Bilder. Leer: alles.</translation>
    </message>
    <message>
      <source>Map only what lies in the polygons of this layer; the rest has no data.</source>
      <translation>Nur kartieren, was in den Polygonen dieses Layers liegt; der Rest hat keine Daten.</translation>
    </message>
    <message>
      <source>Map only where this raster is neither 0 nor without data. It need not lie on the images' grid: its nearest pixel counts.</source>
      <translation>Nur kartieren, wo dieses Raster weder 0 noch ohne Daten ist. Es muss nicht auf dem Gitter der Bilder liegen: Sein nächstes Pixel zählt.</translation>
    </message>
    <message>
      <source>Map these parcels only; windows without any are skipped. For a model that knows no land outside parcels, and to save time.</source>
      <translation>Nur diese Parzellen kartieren; Fenster ohne Parzellen entfallen. Für ein Modell, das kein Land außerhalb von Parzellen kennt, und um Zeit zu sparen.</translation>
    </message>
    <message>
      <source>Mapping</source>
      <translation>Kartierung</translation>
    </message>
    <message>
      <source>Margin</source>
      <translation>Rand</translation>
    </message>
    <message>
      <source>Mask band</source>
      <translation>Maskenband</translation>
    </message>
    <message>
      <source>Mask dilation</source>
      <translation>Erweiterung der Maske</translation>
    </message>
    <message>
      <source>Mask values</source>
      <translation>Maskenwerte</translation>
    </message>
    <message>
      <source>Median by month</source>
      <translation>Median je Monat</translation>
    </message>
    <message>
      <source>Median by ten days (1-10, 11-20, 21 to the month's end)</source>
      <translation>Median je zehn Tage (1-10, 11-20, 21 bis Monatsende)</translation>
    </message>
    <message>
      <source>Minimum area</source>
      <translation>Mindestfläche</translation>
    </message>
    <message>
      <source>Minimum width</source>
      <translation>Mindestbreite</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modell</translation>
    </message>
    <message>
      <source>Name of a unit</source>
      <translation>Name einer Einheit</translation>
    </message>
    <message>
      <source>Name of the band that holds the mask, where it is another than SCL.</source>
      <translation>Name des Bandes mit der Maske, wenn es nicht SCL ist.</translation>
    </message>
    <message>
      <source>Names of the bands to use, separated by commas. Empty: the ten bands of 10 m and 20 m.</source>
      <translation>Namen der zu benutzenden Bänder, durch Kommas getrennt. Leer: die zehn Bänder von 10 m und 20 m.</translation>
    </message>
    <message>
      <source>Names of the fields to keep, separated by commas. Empty: all.</source>
      <translation>Namen der zu behaltenden Felder, durch Kommas getrennt. Leer: alle.</translation>
    </message>
    <message>
      <source>Neighbours</source>
      <translation>Nachbarn</translation>
    </message>
    <message>
      <source>No mask</source>
      <translation>Keine Maske</translation>
    </message>
    <message>
      <source>Number of crops.</source>
      <translation>Anzahl der Kulturen.</translation>
    </message>
    <message>
      <source>Number of dates to use, spread over the season, the clearest first. Empty: all.</source>
      <translation>Anzahl der zu benutzenden Termine, über die Saison verteilt, die klarsten zuerst. Leer: alle.</translation>
    </message>
    <message>
      <source>Number of dates to use, spread over the season, the clearest first. Empty: the preset's.</source>
      <translation>Anzahl der zu benutzenden Termine, über die Saison verteilt, die klarsten zuerst. Leer: die der Voreinstellung.</translation>
    </message>
    <message>
      <source>Number of folds of spatial blocks, each with a model of its own: every parcel is judged by the one that saw neither it nor its block, and those that disagree with their declaration make the list inspection.gpkg. Takes about as many times as long. Empty: no list.</source>
      <translation>Anzahl der Folds aus räumlichen Blöcken, jeder mit eigenem Modell: Jede Parzelle wird von dem beurteilt, das weder sie noch ihren Block sah, und Parzellen, die ihrer Deklaration widersprechen, bilden die Liste inspection.gpkg. Dauert etwa um diesen Faktor länger. Leer: keine Liste.</translation>
    </message>
    <message>
      <source>Number of folds, for the split by folds. Empty: 5.</source>
      <translation>Anzahl der Folds für die Aufteilung in Folds. Leer: 5.</translation>
    </message>
    <message>
      <source>Number of images over the season.</source>
      <translation>Anzahl der Bilder über die Saison.</translation>
    </message>
    <message>
      <source>Number of points. Empty: what the standard error takes.</source>
      <translation>Anzahl der Punkte. Leer: was der Standardfehler erfordert.</translation>
    </message>
    <message>
      <source>Objective</source>
      <translation>Zielfunktion</translation>
    </message>
    <message>
      <source>OmniCloudMask</source>
      <translation>OmniCloudMask</translation>
    </message>
    <message>
      <source>On a grid</source>
      <translation>Auf einem Gitter</translation>
    </message>
    <message>
      <source>Output</source>
      <translation>Ausgabe</translation>
    </message>
    <message>
      <source>Outside parcels</source>
      <translation>Außerhalb der Parzellen</translation>
    </message>
    <message>
      <source>Overwrite</source>
      <translation>Überschreiben</translation>
    </message>
    <message>
      <source>PASTIS</source>
      <translation>PASTIS</translation>
    </message>
    <message>
      <source>PASTIS: the fold that is test, 1 to 5; empty: 5. MTLCC: the fold of its lists, 0 to 9; empty: 0.</source>
      <translation>PASTIS: der Fold für den Test, 1 bis 5; leer: 5. MTLCC: der Fold seiner Listen, 0 bis 9; leer: 0.</translation>
    </message>
    <message>
      <source>Parcel</source>
      <translation>Parzelle</translation>
    </message>
    <message>
      <source>Parcels</source>
      <translation>Parzellen</translation>
    </message>
    <message>
      <source>Parcels in which no circle of this diameter fits count as unknown; 0: all are used.</source>
      <translation>Parzellen, in die kein Kreis dieses Durchmessers passt, zählen als unbekannt; 0: alle werden benutzt.</translation>
    </message>
    <message>
      <source>Parcels smaller than this count as unknown; 0: all are used.</source>
      <translation>Kleinere Parzellen zählen als unbekannt; 0: alle werden benutzt.</translation>
    </message>
    <message>
      <source>Passes over the training chips. Empty: the preset's.</source>
      <translation>Durchgänge durch die Trainingschips. Leer: die der Voreinstellung.</translation>
    </message>
    <message>
      <source>Patience</source>
      <translation>Geduld</translation>
    </message>
    <message>
      <source>Pieces of the map smaller than this join a neighbour; 0: none does.</source>
      <translation>Kleinere Stücke der Karte gehen in einem Nachbarn auf; 0: keines.</translation>
    </message>
    <message>
      <source>Pixel size of the crop map; a finer one writes the 10 m map too.</source>
      <translation>Pixelgröße der Anbaukarte; eine feinere schreibt auch die Karte bei 10 m.</translation>
    </message>
    <message>
      <source>Pixels around each chip that networks see and whose labels do not count. Chip and both margins together are a multiple of 4.</source>
      <translation>Pixel um jeden Chip, die Netze sehen und deren Labels nicht zählen. Chip und beide Ränder zusammen sind ein Vielfaches von 4.</translation>
    </message>
    <message>
      <source>Pixels of a rare class</source>
      <translation>Pixel einer seltenen Klasse</translation>
    </message>
    <message>
      <source>Points</source>
      <translation>Punkte</translation>
    </message>
    <message>
      <source>Polygons</source>
      <translation>Polygone</translation>
    </message>
    <message>
      <source>Polygons of a layer</source>
      <translation>Polygone eines Layers</translation>
    </message>
    <message>
      <source>Polygons of administrative units, to tell the area in each of them.</source>
      <translation>Polygone von Verwaltungseinheiten, um die Fläche in jeder von ihnen anzugeben.</translation>
    </message>
    <message>
      <source>Polygons with a field split that says training, validation or test; a parcel has the split of the polygon that holds a point inside it.</source>
      <translation>Polygone mit einem Feld split, das training, validation oder test sagt; eine Parzelle gehört zum Teil des Polygons, das einen Punkt in ihr enthält.</translation>
    </message>
    <message>
      <source>Positive weight</source>
      <translation>Gewicht gleicher Paare</translation>
    </message>
    <message>
      <source>Precision</source>
      <translation>Rechengenauigkeit</translation>
    </message>
    <message>
      <source>Preparing the loss</source>
      <translation>Verlustfunktion wird vorbereitet</translation>
    </message>
    <message>
      <source>Preset</source>
      <translation>Voreinstellung</translation>
    </message>
    <message>
      <source>Pretrain a network with the context-self contrastive loss.</source>
      <translation>Ein Netz mit dem Kontext-Selbst-Kontrast vortrainieren.</translation>
    </message>
    <message>
      <source>Pretrained model</source>
      <translation>Vortrainiertes Modell</translation>
    </message>
    <message>
      <source>Pretraining</source>
      <translation>Vortraining</translation>
    </message>
    <message>
      <source>Preview</source>
      <translation>Vorschau</translation>
    </message>
    <message>
      <source>Probabilities</source>
      <translation>Wahrscheinlichkeiten</translation>
    </message>
    <message>
      <source>Probability sample</source>
      <translation>Zufallsstichprobe</translation>
    </message>
    <message>
      <source>Processes on this machine that share the windows, each on one core. Empty or 1: one process on all cores, which takes the least memory.</source>
      <translation>Prozesse auf diesem Rechner, die sich die Fenster teilen, jeder auf einem Kern. Leer oder 1: ein Prozess auf allen Kernen, der am wenigsten Speicher braucht.</translation>
    </message>
    <message>
      <source>Processes on this machine that share the work. Empty: one a core, as far as the free memory goes.</source>
      <translation>Prozesse auf diesem Rechner, die sich die Arbeit teilen. Leer: einer je Kern, soweit der freie Speicher reicht.</translation>
    </message>
    <message>
      <source>Quick: minutes on two cores</source>
      <translation>Schnell: Minuten auf zwei Kernen</translation>
    </message>
    <message>
      <source>Random forest</source>
      <translation>Random Forest</translation>
    </message>
    <message>
      <source>Random forest beside</source>
      <translation>Random Forest daneben</translation>
    </message>
    <message>
      <source>Rare classes</source>
      <translation>Seltene Klassen</translation>
    </message>
    <message>
      <source>Reference map</source>
      <translation>Referenzkarte</translation>
    </message>
    <message>
      <source>Relative position</source>
      <translation>Relative Lage</translation>
    </message>
    <message>
      <source>Replace an output that exists; it stays until the new one is complete.</source>
      <translation>Eine vorhandene Ausgabe ersetzen; sie bleibt, bis die neue vollständig ist.</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Bericht</translation>
    </message>
    <message>
      <source>Report data</source>
      <translation>Daten des Berichts</translation>
    </message>
    <message>
      <source>Resolution</source>
      <translation>Auflösung</translation>
    </message>
    <message>
      <source>Sample</source>
      <translation>Stichprobe</translation>
    </message>
    <message>
      <source>Sampling</source>
      <translation>Ziehung</translation>
    </message>
    <message>
      <source>Scale</source>
      <translation>Maßstab</translation>
    </message>
    <message>
      <source>Scene</source>
      <translation>Szene</translation>
    </message>
    <message>
      <source>Scene classification (SCL)</source>
      <translation>Szenenklassifikation (SCL)</translation>
    </message>
    <message>
      <source>Scheduler</source>
      <translation>Scheduler</translation>
    </message>
    <message>
      <source>Season</source>
      <translation>Saison</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>Startwert</translation>
    </message>
    <message>
      <source>Sentinel-2 images: a folder or files, of SAFE products (folders or zips), GeoTIFF, NetCDF, Zarr or STAC; or a time series (.series.json).</source>
      <translation>Sentinel-2-Bilder: ein Ordner oder Dateien mit SAFE-Produkten (Ordner oder Zips), GeoTIFF, NetCDF, Zarr oder STAC; oder eine Zeitreihe (.series.json).</translation>
    </message>
    <message>
      <source>Series</source>
      <translation>Zeitreihe</translation>
    </message>
    <message>
      <source>Shapefile</source>
      <translation>Shapefile</translation>
    </message>
    <message>
      <source>Share of labels</source>
      <translation>Anteil der Labels</translation>
    </message>
    <message>
      <source>Share of the training chips whose labels are used, chosen by the seed.</source>
      <translation>Anteil der Trainingschips, deren Labels benutzt werden, vom Startwert bestimmt.</translation>
    </message>
    <message>
      <source>Show a dataset as one page: split, classes, season curves, dates, sample chips.</source>
      <translation>Einen Datensatz als eine Seite zeigen: Aufteilung, Klassen, Saisonkurven, Termine, Beispielchips.</translation>
    </message>
    <message>
      <source>Side in pixels of the window in which pixels that are alike share their class probabilities, so that mixed pixels lean on the parcel they resemble: an odd number from 3 to 15, or 0 for none.</source>
      <translation>Seitenlänge in Pixeln des Fensters, in dem ähnliche Pixel ihre Klassenwahrscheinlichkeiten teilen, sodass gemischte Pixel sich an die Parzelle halten, der sie gleichen: eine ungerade Zahl von 3 bis 15, oder 0 für keines.</translation>
    </message>
    <message>
      <source>Side of a training chip in 10 m pixels. Empty: fitted to the area.</source>
      <translation>Seite eines Trainingschips in Pixeln von 10 m. Leer: dem Gebiet angepasst.</translation>
    </message>
    <message>
      <source>Side of the square scene in pixels of 10 m.</source>
      <translation>Seite der quadratischen Szene in Pixeln von 10 m.</translation>
    </message>
    <message>
      <source>Side of the window around each location; odd.</source>
      <translation>Seite des Fensters um jeden Ort; ungerade.</translation>
    </message>
    <message>
      <source>Simulate a scene and run the whole chain on it.</source>
      <translation>Eine Szene simulieren und die ganze Kette darauf ausführen.</translation>
    </message>
    <message>
      <source>Simulate a scene with known truth.</source>
      <translation>Eine Szene mit bekannter Wahrheit simulieren.</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>Größe</translation>
    </message>
    <message>
      <source>Source</source>
      <translation>Quelle</translation>
    </message>
    <message>
      <source>Spatial blocks</source>
      <translation>Räumliche Blöcke</translation>
    </message>
    <message>
      <source>Spatial blocks in folds</source>
      <translation>Räumliche Blöcke in Folds</translation>
    </message>
    <message>
      <source>Split</source>
      <translation>Aufteilung</translation>
    </message>
    <message>
      <source>Split field</source>
      <translation>Feld der Aufteilung</translation>
    </message>
    <message>
      <source>Split layer</source>
      <translation>Layer der Aufteilung</translation>
    </message>
    <message>
      <source>Standard</source>
      <translation>Standard</translation>
    </message>
    <message>
      <source>Standard error</source>
      <translation>Standardfehler</translation>
    </message>
    <message>
      <source>Standard: a night on a CPU, an hour on a GPU</source>
      <translation>Standard: eine Nacht auf dem Prozessor, eine Stunde auf der Grafikkarte</translation>
    </message>
    <message>
      <source>Start of all random numbers: the same seed gives the same result.</source>
      <translation>Anfang aller Zufallszahlen: Derselbe Startwert gibt dasselbe Ergebnis.</translation>
    </message>
    <message>
      <source>State that the points of such a sample were drawn at random within each stratum. Without this there is no estimate: points chosen by hand say nothing about the rest.</source>
      <translation>Erklären, dass die Punkte einer solchen Stichprobe in jeder Schicht zufällig gezogen wurden. Sonst gibt es keine Schätzung: Von Hand gewählte Punkte sagen nichts über den Rest.</translation>
    </message>
    <message>
      <source>Stop after this many validations without improvement. Empty: never.</source>
      <translation>Nach so vielen Validierungen ohne Verbesserung aufhören. Leer: nie.</translation>
    </message>
    <message>
      <source>Strata</source>
      <translation>Schichten</translation>
    </message>
    <message>
      <source>Stride</source>
      <translation>Schrittweite</translation>
    </message>
    <message>
      <source>Supervised contrast across the batch with a memory</source>
      <translation>Überwachter Kontrast über den Stapel mit Gedächtnis</translation>
    </message>
    <message>
      <source>T31TFM-1618, turned into .npz</source>
      <translation>T31TFM-1618, in .npz umgewandelt</translation>
    </message>
    <message>
      <source>TSViT: transformer over dates, then over patches</source>
      <translation>TSViT: Transformer über Termine, dann über Ausschnitte</translation>
    </message>
    <message>
      <source>Temperate</source>
      <translation>Gemäßigt</translation>
    </message>
    <message>
      <source>Temperature</source>
      <translation>Temperatur</translation>
    </message>
    <message>
      <source>Temperature of the losses that have one: local InfoNCE, supervised contrast, and the cross-entropy on the similarity, which learns it from there. Empty: the loss's own.</source>
      <translation>Temperatur der Verluste, die eine haben: lokales InfoNCE, überwachter Kontrast und die Kreuzentropie der Ähnlichkeit, die sie von dort lernt. Leer: die des Verlusts.</translation>
    </message>
    <message>
      <source>Test</source>
      <translation>Test</translation>
    </message>
    <message>
      <source>The classification loss.</source>
      <translation>Der Verlust der Klassifikation.</translation>
    </message>
    <message>
      <source>The contrastive loss beside the classification loss.</source>
      <translation>Der kontrastive Verlust neben dem der Klassifikation.</translation>
    </message>
    <message>
      <source>The dataset whose layout it is.</source>
      <translation>Der Datensatz, dessen Aufbau es ist.</translation>
    </message>
    <message>
      <source>The field of the parcel layer that holds the declared crop, or an expression over its fields.</source>
      <translation>Das Feld des Parzellenlayers mit der deklarierten Kultur oder ein Ausdruck über seine Felder.</translation>
    </message>
    <message>
      <source>The field of the parcel layer that says training, validation or test (or 1, 2, 3), for the split by field.</source>
      <translation>Das Feld des Parzellenlayers, das training, validation oder test (oder 1, 2, 3) sagt, für die Aufteilung nach Feld.</translation>
    </message>
    <message>
      <source>The field with the declared crop, to tell where map and declaration disagree.</source>
      <translation>Das Feld mit der deklarierten Kultur, um zu sagen, wo Karte und Deklaration sich widersprechen.</translation>
    </message>
    <message>
      <source>The field with the name of each unit.</source>
      <translation>Das Feld mit dem Namen jeder Einheit.</translation>
    </message>
    <message>
      <source>The field with the true class of each point, by name or code; points without one are left out. Empty: reference.</source>
      <translation>Das Feld mit der wahren Klasse jedes Punktes, als Name oder Code; Punkte ohne sie entfallen. Leer: reference.</translation>
    </message>
    <message>
      <source>The fold that is test; the next one is validation. Empty: 1.</source>
      <translation>Der Fold für den Test; der nächste dient der Validierung. Leer: 1.</translation>
    </message>
    <message>
      <source>The format of the file.</source>
      <translation>Das Format der Datei.</translation>
    </message>
    <message>
      <source>The labelled points, as drawn by the job sample or of your own.</source>
      <translation>Die beschrifteten Punkte, vom Job sample gezogen oder eigene.</translation>
    </message>
    <message>
      <source>The network that turns a time series into features.</source>
      <translation>Das Netz, das aus einer Zeitreihe Merkmale macht.</translation>
    </message>
    <message>
      <source>The region's climate, crops, fields and images.</source>
      <translation>Klima, Kulturen, Felder und Bilder der Region.</translation>
    </message>
    <message>
      <source>The same number for each class</source>
      <translation>Gleich viele für jede Klasse</translation>
    </message>
    <message>
      <source>The season runs from October of the year before to September.</source>
      <translation>Die Saison läuft vom Oktober des Vorjahrs bis September.</translation>
    </message>
    <message>
      <source>The vector layer to export.</source>
      <translation>Der zu exportierende Vektorlayer.</translation>
    </message>
    <message>
      <source>The year to take, of a dataset that holds several.</source>
      <translation>Das Jahr, das einem Datensatz mit mehreren entnommen wird.</translation>
    </message>
    <message>
      <source>Time series</source>
      <translation>Zeitreihe</translation>
    </message>
    <message>
      <source>Tolerance</source>
      <translation>Toleranz</translation>
    </message>
    <message>
      <source>Train a random forest on the same pixels and put its figures beside the network's.</source>
      <translation>Auf denselben Pixeln einen Random Forest trainieren und seine Werte neben die des Netzes stellen.</translation>
    </message>
    <message>
      <source>Train the classifiers alone, on the features of the pretrained model as they are.</source>
      <translation>Nur die Klassifikatoren trainieren, auf den unveränderten Merkmalen des vortrainierten Modells.</translation>
    </message>
    <message>
      <source>Training</source>
      <translation>Training</translation>
    </message>
    <message>
      <source>Truth</source>
      <translation>Wahrheit</translation>
    </message>
    <message>
      <source>Turn a published dataset into one of ours.</source>
      <translation>Einen veröffentlichten Datensatz in einen eigenen umwandeln.</translation>
    </message>
    <message>
      <source>U-TAE: U-Net with temporal attention</source>
      <translation>U-TAE: U-Net mit zeitlicher Aufmerksamkeit</translation>
    </message>
    <message>
      <source>UNet2D-CLSTM: 2-D U-Net a date, memory over the dates</source>
      <translation>UNet2D-CLSTM: 2-D-U-Net je Termin, Gedächtnis über die Termine</translation>
    </message>
    <message>
      <source>UNet3D: 3-D U-Net, narrow at full resolution</source>
      <translation>UNet3D: 3-D-U-Net, schmal bei voller Auflösung</translation>
    </message>
    <message>
      <source>UNet3Df: 3-D U-Net with features at full resolution</source>
      <translation>UNet3Df: 3-D-U-Net mit Merkmalen bei voller Auflösung</translation>
    </message>
    <message>
      <source>Unit areas</source>
      <translation>Flächen je Einheit</translation>
    </message>
    <message>
      <source>Until</source>
      <translation>Bis</translation>
    </message>
    <message>
      <source>Use no image after this day (YYYY-MM-DD), for a map within the season.</source>
      <translation>Kein Bild nach diesem Tag benutzen (JJJJ-MM-TT), für eine Karte während der Saison.</translation>
    </message>
    <message>
      <source>Validation</source>
      <translation>Validierung</translation>
    </message>
    <message>
      <source>Values of the mask that hide a pixel, such as 1,2,3 or 40-100. Empty: 0, 1, 3, 8, 9, 10, 11 of SCL, every value but 0 of another band.</source>
      <translation>Werte der Maske, die ein Pixel verdecken, etwa 1,2,3 oder 40-100. Leer: 0, 1, 3, 8, 9, 10, 11 von SCL, jeder Wert außer 0 eines anderen Bandes.</translation>
    </message>
    <message>
      <source>Wanted standard error of the overall accuracy, from which the points follow.</source>
      <translation>Gewünschter Standardfehler der Gesamtgenauigkeit, aus dem sich die Zahl der Punkte ergibt.</translation>
    </message>
    <message>
      <source>Weight in the classification loss of pixels with another label next to them; 1 treats all alike.</source>
      <translation>Gewicht im Klassifikationsverlust von Pixeln, neben denen ein anderes Label liegt; 1 behandelt alle gleich.</translation>
    </message>
    <message>
      <source>Weight of a contrastive loss beside the classification loss; 0: none.</source>
      <translation>Gewicht eines kontrastiven Verlusts neben dem der Klassifikation; 0: keiner.</translation>
    </message>
    <message>
      <source>Weight of pairs of one crop: a number, or balanced.</source>
      <translation>Gewicht von Paaren einer Kultur: eine Zahl oder balanced.</translation>
    </message>
    <message>
      <source>Weight of the classes: alike, or inversely to their pixels in training.</source>
      <translation>Gewicht der Klassen: gleich oder umgekehrt zu ihren Trainingspixeln.</translation>
    </message>
    <message>
      <source>Weight of the joint loss</source>
      <translation>Gewicht des gemeinsamen Verlusts</translation>
    </message>
    <message>
      <source>What a network sees as one date: each date, or the median of the clear pixels of each month or of each ten days.</source>
      <translation>Was ein Netz als einen Termin sieht: jeden Termin oder den Median der klaren Pixel je Monat oder je zehn Tage.</translation>
    </message>
    <message>
      <source>What becomes of hidden pixels: left as they are, or filled linearly in time.</source>
      <translation>Was mit verdeckten Pixeln geschieht: belassen oder linear in der Zeit gefüllt.</translation>
    </message>
    <message>
      <source>What becomes of rare classes: joined as one class, other crops, or counted as unknown.</source>
      <translation>Was mit seltenen Klassen geschieht: zu einer Klasse andere Kulturen vereint oder als unbekannt gezählt.</translation>
    </message>
    <message>
      <source>What makes two pixels alike: the same crop, the same parcel, or the ground of one crop that they have in common.</source>
      <translation>Was zwei Pixel gleich macht: dieselbe Kultur, dieselbe Parzelle oder der gemeinsame Boden einer Kultur.</translation>
    </message>
    <message>
      <source>What the network learns in pretraining.</source>
      <translation>Was das Netz beim Vortraining lernt.</translation>
    </message>
    <message>
      <source>Where chips lie: on a grid fixed to the tile, the same in every cut of it, or on parcels.</source>
      <translation>Wo Chips liegen: auf einem an der Kachel festen Gitter, gleich in jedem Ausschnitt, oder auf Parzellen.</translation>
    </message>
    <message>
      <source>Where declarations are complete, land outside parcels is a class of its own; otherwise it is ignored in training.</source>
      <translation>Wo Deklarationen vollständig sind, ist Land außerhalb der Parzellen eine eigene Klasse; sonst wird es beim Training ignoriert.</translation>
    </message>
    <message>
      <source>Where the loss sits: on the features at 10 m, or on those refined to 5 m or 2.5 m.</source>
      <translation>Wo der Verlust ansetzt: an den Merkmalen bei 10 m oder an den auf 5 m oder 2,5 m verfeinerten.</translation>
    </message>
    <message>
      <source>Which parcels to score.</source>
      <translation>Welche Parzellen bewertet werden.</translation>
    </message>
    <message>
      <source>Which pixels are compared with their windows: all, those at boundaries, or as many at boundaries as inside.</source>
      <translation>Welche Pixel mit ihren Fenstern verglichen werden: alle, die an Grenzen oder an Grenzen so viele wie im Inneren.</translation>
    </message>
    <message>
      <source>Width</source>
      <translation>Breite</translation>
    </message>
    <message>
      <source>Width of the network; 1 is the published one. Empty: the preset's.</source>
      <translation>Breite des Netzes; 1 ist die veröffentlichte. Leer: die der Voreinstellung.</translation>
    </message>
    <message>
      <source>Window</source>
      <translation>Fenster</translation>
    </message>
    <message>
      <source>Without days</source>
      <translation>Ohne Tage</translation>
    </message>
    <message>
      <source>Workers</source>
      <translation>Prozesse</translation>
    </message>
    <message>
      <source>Write a dataset's chips in the layout of a published one.</source>
      <translation>Die Chips eines Datensatzes im Aufbau eines veröffentlichten schreiben.</translation>
    </message>
    <message>
      <source>XLSX, without geometry</source>
      <translation>XLSX, ohne Geometrie</translation>
    </message>
    <message>
      <source>Year</source>
      <translation>Jahr</translation>
    </message>
    <message>
      <source>auto, cpu, cuda, cuda:1 or mps.</source>
      <translation>auto, cpu, cuda, cuda:1 oder mps.</translation>
    </message>
    <message>
      <source>bfloat16</source>
      <translation>bfloat16</translation>
    </message>
    <message>
      <source>float32</source>
      <translation>float32</translation>
    </message>
    <message>
      <source>m</source>
      <translation>m</translation>
    </message>
    <message>
      <source>m2</source>
      <translation>m²</translation>
    </message>
    <message>
      <source>pixels</source>
      <translation>Pixel</translation>
    </message>
  </context>
  <context>
    <name>plugin</name>
    <message>
      <source>A Python from 3.11 to 3.14</source>
      <translation>Ein Python von 3.11 bis 3.14</translation>
    </message>
    <message>
      <source>A Python that has the engine's libraries</source>
      <translation>Ein Python mit den Bibliotheken der Engine</translation>
    </message>
    <message>
      <source>A Python that has the engine's libraries; left open, the installed engine is used</source>
      <translation>Ein Python mit den Bibliotheken der Engine; bleibt es leer, wird die installierte Engine benutzt</translation>
    </message>
    <message>
      <source>A folder of wheels</source>
      <translation>Ein Ordner mit Wheels</translation>
    </message>
    <message>
      <source>A folder with runs</source>
      <translation>Ein Ordner mit Läufen</translation>
    </message>
    <message>
      <source>A job is running: {job}. If QGIS closes, the job stops. It stays in the history and can be resumed from there.</source>
      <translation>Ein Job läuft: {job}. Wenn QGIS schließt, hält der Job an. Er bleibt im Verlauf und kann dort fortgesetzt werden.</translation>
    </message>
    <message>
      <source>A job is running: {job}. The plugin is unloaded when it has ended. If it is stopped now, it stays in the history and can be resumed from there.</source>
      <translation>Ein Job läuft: {job}. Die Erweiterung wird entladen, wenn er beendet ist. Wird er jetzt angehalten, bleibt er im Verlauf und kann dort fortgesetzt werden.</translation>
    </message>
    <message>
      <source>A job is running; the engine can be installed when it has ended.</source>
      <translation>Ein Job läuft; die Engine kann installiert werden, wenn er beendet ist.</translation>
    </message>
    <message>
      <source>A job or an installation is running. Try again when it has ended.</source>
      <translation>Ein Job oder eine Installation läuft. Versuchen Sie es danach noch einmal.</translation>
    </message>
    <message>
      <source>A library of the engine is missing or broken: reinstall the engine.</source>
      <translation>Eine Bibliothek der Engine fehlt oder ist beschädigt: Installieren Sie die Engine neu.</translation>
    </message>
    <message>
      <source>A model that was trained on a parcel tends to repeat its declaration, right or not</source>
      <translation>Ein Modell, das auf einer Parzelle trainiert wurde, wiederholt meist deren Deklaration, ob richtig oder falsch</translation>
    </message>
    <message>
      <source>A picture of the prediction comes with the first validation.</source>
      <translation>Ein Bild der Vorhersage kommt mit der ersten Validierung.</translation>
    </message>
    <message>
      <source>A polygon that I draw</source>
      <translation>Ein selbst gezeichnetes Polygon</translation>
    </message>
    <message>
      <source>Accuracy at 10 m</source>
      <translation>Genauigkeit bei 10 m</translation>
    </message>
    <message>
      <source>Accuracy at 2.5 m</source>
      <translation>Genauigkeit bei 2,5 m</translation>
    </message>
    <message>
      <source>Accuracy at 5 m</source>
      <translation>Genauigkeit bei 5 m</translation>
    </message>
    <message>
      <source>Add</source>
      <translation>Hinzufügen</translation>
    </message>
    <message>
      <source>Add a layer a date, which QGIS's temporal controller plays</source>
      <translation>Je Termin einen Layer hinzufügen, den die Zeitsteuerung von QGIS abspielt</translation>
    </message>
    <message>
      <source>Add a layer to the project, or set its reference system.</source>
      <translation>Fügen Sie dem Projekt einen Layer hinzu oder setzen Sie sein Bezugssystem.</translation>
    </message>
    <message>
      <source>Add an image or a reference map to the project to lay it beside the map.</source>
      <translation>Fügen Sie dem Projekt ein Bild oder eine Referenzkarte hinzu, um sie neben die Karte zu legen.</translation>
    </message>
    <message>
      <source>Add folder…</source>
      <translation>Ordner hinzufügen…</translation>
    </message>
    <message>
      <source>Add images from the project or from the disk</source>
      <translation>Bilder aus dem Projekt oder von der Platte hinzufügen</translation>
    </message>
    <message>
      <source>Add layers, folders or files above.</source>
      <translation>Fügen Sie oben Layer, Ordner oder Dateien hinzu.</translation>
    </message>
    <message>
      <source>Add layers, folders or files with Sentinel-2 images, or drop them here.</source>
      <translation>Fügen Sie Layer, Ordner oder Dateien mit Sentinel-2-Bildern hinzu oder ziehen Sie sie hierher.</translation>
    </message>
    <message>
      <source>Add raster layers</source>
      <translation>Rasterlayer hinzufügen</translation>
    </message>
    <message>
      <source>Add the crop map and the parcels to the project</source>
      <translation>Anbaukarte und Parzellen dem Projekt hinzufügen</translation>
    </message>
    <message>
      <source>Add the findings to the project, in a group of their own</source>
      <translation>Die Befunde dem Projekt in einer eigenen Gruppe hinzufügen</translation>
    </message>
    <message>
      <source>Add the results to the project</source>
      <translation>Ergebnisse dem Projekt hinzufügen</translation>
    </message>
    <message>
      <source>Add the results to the project as one group</source>
      <translation>Die Ergebnisse dem Projekt als eine Gruppe hinzufügen</translation>
    </message>
    <message>
      <source>Adds the results as one styled group on top of the layer tree.</source>
      <translation>Fügt die Ergebnisse als eine gestaltete Gruppe oben im Layerbaum hinzu.</translation>
    </message>
    <message>
      <source>Advanced</source>
      <translation>Erweitert</translation>
    </message>
    <message>
      <source>All</source>
      <translation>Alles</translation>
    </message>
    <message>
      <source>All bands</source>
      <translation>Alle Bänder</translation>
    </message>
    <message>
      <source>All fields</source>
      <translation>Alle Felder</translation>
    </message>
    <message>
      <source>All files (*)</source>
      <translation>Alle Dateien (*)</translation>
    </message>
    <message>
      <source>All in one</source>
      <translation>Alles in einem</translation>
    </message>
    <message>
      <source>All of it: from images and parcels to a crop map</source>
      <translation>Alles zusammen: von Bildern und Parzellen zur Anbaukarte</translation>
    </message>
    <message>
      <source>All parcels</source>
      <translation>Alle Parzellen</translation>
    </message>
    <message>
      <source>All runs</source>
      <translation>Alle Läufe</translation>
    </message>
    <message>
      <source>All that was found and assumed about the images</source>
      <translation>Alles, was zu den Bildern gefunden und angenommen wurde</translation>
    </message>
    <message>
      <source>An unfinished run of these settings lies there: it goes on where it stopped.</source>
      <translation>Dort liegt ein unvollendeter Lauf dieser Einstellungen: Er geht weiter, wo er anhielt.</translation>
    </message>
    <message>
      <source>Another run lies in the output folder, or beside it. Choose another output.</source>
      <translation>Im Ausgabeordner oder daneben liegt ein anderer Lauf. Wählen Sie eine andere Ausgabe.</translation>
    </message>
    <message>
      <source>Area of the parcels with this value, in hectares</source>
      <translation>Fläche der Parzellen mit diesem Wert, in Hektar</translation>
    </message>
    <message>
      <source>Area over which clouds and valid pixels are counted</source>
      <translation>Gebiet, in dem Wolken und gültige Pixel gezählt werden</translation>
    </message>
    <message>
      <source>Areas by unit</source>
      <translation>Flächen nach Einheit</translation>
    </message>
    <message>
      <source>As the parcels</source>
      <translation>Wie die Parzellen</translation>
    </message>
    <message>
      <source>Ask again: it is started anew.</source>
      <translation>Fragen Sie noch einmal: Sie wird neu gestartet.</translation>
    </message>
    <message>
      <source>Ask again: it is started anew. Files on a slow network are better copied first.</source>
      <translation>Fragen Sie noch einmal: Sie wird neu gestartet. Dateien in einem langsamen Netz kopieren Sie besser vorher.</translation>
    </message>
    <message>
      <source>Ask for the preview again.</source>
      <translation>Fordern Sie die Vorschau noch einmal an.</translation>
    </message>
    <message>
      <source>Asking the engine…</source>
      <translation>Die Engine wird gefragt…</translation>
    </message>
    <message>
      <source>Asking what it will take…</source>
      <translation>Der Aufwand wird erfragt…</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>Automatisch</translation>
    </message>
    <message>
      <source>Began</source>
      <translation>Begonnen</translation>
    </message>
    <message>
      <source>Build a dataset</source>
      <translation>Datensatz bauen</translation>
    </message>
    <message>
      <source>Build dataset</source>
      <translation>Datensatz bauen</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <source>Cancelled</source>
      <translation>Abgebrochen</translation>
    </message>
    <message>
      <source>Cannot be told</source>
      <translation>Nicht bestimmbar</translation>
    </message>
    <message>
      <source>Check Settings &gt; Options &gt; Network, then try again.</source>
      <translation>Prüfen Sie Einstellungen &gt; Optionen &gt; Netzwerk und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>Check that the file is where it was when the time series was defined.</source>
      <translation>Prüfen Sie, ob die Datei dort liegt, wo sie lag, als die Zeitreihe definiert wurde.</translation>
    </message>
    <message>
      <source>Check the connection and press Install again: what was downloaded is kept. Without a network, use a folder of wheels.</source>
      <translation>Prüfen Sie die Verbindung und drücken Sie noch einmal Installieren: Was heruntergeladen ist, bleibt. Ohne Netz benutzen Sie einen Ordner mit Wheels.</translation>
    </message>
    <message>
      <source>Check the folder.</source>
      <translation>Prüfen Sie den Ordner.</translation>
    </message>
    <message>
      <source>Check the parcels again.</source>
      <translation>Prüfen Sie die Parzellen noch einmal.</translation>
    </message>
    <message>
      <source>Check the path of {name}.</source>
      <translation>Prüfen Sie den Pfad von {name}.</translation>
    </message>
    <message>
      <source>Check the path, or choose a layer.</source>
      <translation>Prüfen Sie den Pfad oder wählen Sie einen Layer.</translation>
    </message>
    <message>
      <source>Choose a Python from 3.11 to 3.14.</source>
      <translation>Wählen Sie ein Python von 3.11 bis 3.14.</translation>
    </message>
    <message>
      <source>Choose a dataset: the page Parcels builds one from a series and parcels.</source>
      <translation>Wählen Sie einen Datensatz: Die Seite Parzellen baut einen aus Zeitreihe und Parzellen.</translation>
    </message>
    <message>
      <source>Choose a file in a vector format.</source>
      <translation>Wählen Sie eine Datei in einem Vektorformat.</translation>
    </message>
    <message>
      <source>Choose a file with parcels</source>
      <translation>Eine Datei mit Parzellen wählen</translation>
    </message>
    <message>
      <source>Choose a folder of results above.</source>
      <translation>Wählen Sie oben einen Ordner mit Ergebnissen.</translation>
    </message>
    <message>
      <source>Choose a folder or file with the … button, or give the whole path.</source>
      <translation>Wählen Sie Ordner oder Datei mit der Schaltfläche … oder geben Sie den ganzen Pfad an.</translation>
    </message>
    <message>
      <source>Choose a folder with a map above.</source>
      <translation>Wählen Sie oben einen Ordner mit einer Karte.</translation>
    </message>
    <message>
      <source>Choose a kind, or go through all with Next.</source>
      <translation>Wählen Sie eine Art oder gehen Sie mit Weiter durch alle.</translation>
    </message>
    <message>
      <source>Choose a larger extent.</source>
      <translation>Wählen Sie eine größere Ausdehnung.</translation>
    </message>
    <message>
      <source>Choose a line to read what was found.</source>
      <translation>Wählen Sie eine Zeile, um den Befund zu lesen.</translation>
    </message>
    <message>
      <source>Choose a model and images first.</source>
      <translation>Wählen Sie zuerst Modell und Bilder.</translation>
    </message>
    <message>
      <source>Choose a model and images, and they are compared here.</source>
      <translation>Wählen Sie Modell und Bilder; sie werden hier verglichen.</translation>
    </message>
    <message>
      <source>Choose a polygon layer and the field that holds the declared crop. Its values become the classes of the map, to be named, merged or left out here.</source>
      <translation>Wählen Sie einen Polygonlayer und das Feld mit der deklarierten Kultur. Seine Werte werden die Klassen der Karte, die hier benannt, vereint oder ausgelassen werden.</translation>
    </message>
    <message>
      <source>Choose a polygon layer, or a file with the button beside the list.</source>
      <translation>Wählen Sie einen Polygonlayer oder eine Datei mit der Schaltfläche neben der Liste.</translation>
    </message>
    <message>
      <source>Choose a polygon layer, or add the file to the project and choose its layer.</source>
      <translation>Wählen Sie einen Polygonlayer oder fügen Sie die Datei dem Projekt hinzu und wählen Sie ihren Layer.</translation>
    </message>
    <message>
      <source>Choose a polygon layer, or another area.</source>
      <translation>Wählen Sie einen Polygonlayer oder ein anderes Gebiet.</translation>
    </message>
    <message>
      <source>Choose a run that has been validated at least once.</source>
      <translation>Wählen Sie einen Lauf, der mindestens einmal validiert wurde.</translation>
    </message>
    <message>
      <source>Choose another Python</source>
      <translation>Wählen Sie ein anderes Python</translation>
    </message>
    <message>
      <source>Choose another Python (3.11 to 3.14), or a folder of wheels made for this one.</source>
      <translation>Wählen Sie ein anderes Python (3.11 bis 3.14) oder einen Ordner mit Wheels für dieses.</translation>
    </message>
    <message>
      <source>Choose another place for it.</source>
      <translation>Wählen Sie einen anderen Ort dafür.</translation>
    </message>
    <message>
      <source>Choose dates and clouds over the whole area, and keep them as a file</source>
      <translation>Termine und Wolken im ganzen Gebiet wählen und als Datei behalten</translation>
    </message>
    <message>
      <source>Choose layers of local image files.</source>
      <translation>Wählen Sie Layer von lokalen Bilddateien.</translation>
    </message>
    <message>
      <source>Choose one from the list, for example EPSG:4326.</source>
      <translation>Wählen Sie eines aus der Liste, zum Beispiel EPSG:4326.</translation>
    </message>
    <message>
      <source>Choose one raster layer a date.</source>
      <translation>Wählen Sie je Termin einen Rasterlayer.</translation>
    </message>
    <message>
      <source>Choose or enter one.</source>
      <translation>Wählen Sie einen oder geben Sie einen ein.</translation>
    </message>
    <message>
      <source>Choose raster layers.</source>
      <translation>Wählen Sie Rasterlayer.</translation>
    </message>
    <message>
      <source>Choose the field that holds the crop.</source>
      <translation>Wählen Sie das Feld mit der Kultur.</translation>
    </message>
    <message>
      <source>Choose the folder of a trained model.</source>
      <translation>Wählen Sie den Ordner eines trainierten Modells.</translation>
    </message>
    <message>
      <source>Choose the folder of wheels.</source>
      <translation>Wählen Sie den Ordner mit den Wheels.</translation>
    </message>
    <message>
      <source>Choose the folder that `make wheelhouse` wrote.</source>
      <translation>Wählen Sie den Ordner, den `make wheelhouse` geschrieben hat.</translation>
    </message>
    <message>
      <source>Choose the format of that ending, or another ending.</source>
      <translation>Wählen Sie das Format dieser Endung oder eine andere Endung.</translation>
    </message>
    <message>
      <source>Choose the output folder of a map or of the whole chain.</source>
      <translation>Wählen Sie den Ausgabeordner einer Karte oder der ganzen Kette.</translation>
    </message>
    <message>
      <source>Class not in the table</source>
      <translation>Klasse nicht in der Tabelle</translation>
    </message>
    <message>
      <source>Class with a single parcel</source>
      <translation>Klasse mit einer einzigen Parzelle</translation>
    </message>
    <message>
      <source>Classes</source>
      <translation>Klassen</translation>
    </message>
    <message>
      <source>Classes: {names}.</source>
      <translation>Klassen: {names}.</translation>
    </message>
    <message>
      <source>Classify parcels</source>
      <translation>Parzellen klassifizieren</translation>
    </message>
    <message>
      <source>Click on the images.</source>
      <translation>Klicken Sie auf die Bilder.</translation>
    </message>
    <message>
      <source>Click on the map</source>
      <translation>In die Karte klicken</translation>
    </message>
    <message>
      <source>Click the corners on the map; the right button ends it</source>
      <translation>Klicken Sie die Ecken in der Karte an; die rechte Taste beendet</translation>
    </message>
    <message>
      <source>Close other QGIS windows and jobs, then try again.</source>
      <translation>Schließen Sie andere QGIS-Fenster und Jobs und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>Close the programs that have its files open, and check its rights.</source>
      <translation>Schließen Sie die Programme, die seine Dateien geöffnet haben, und prüfen Sie seine Rechte.</translation>
    </message>
    <message>
      <source>Clouds</source>
      <translation>Wolken</translation>
    </message>
    <message>
      <source>Clouds over</source>
      <translation>Wolken über</translation>
    </message>
    <message>
      <source>Code</source>
      <translation>Code</translation>
    </message>
    <message>
      <source>Code of the class in maps, 1 to 253; values of one code are one class</source>
      <translation>Code der Klasse in Karten, 1 bis 253; Werte mit einem Code sind eine Klasse</translation>
    </message>
    <message>
      <source>Code of the class in the crop taxonomy HCAT</source>
      <translation>Code der Klasse in der Kulturtaxonomie HCAT</translation>
    </message>
    <message>
      <source>Colour of the class; click to change it</source>
      <translation>Farbe der Klasse; zum Ändern klicken</translation>
    </message>
    <message>
      <source>Colour of {name}</source>
      <translation>Farbe von {name}</translation>
    </message>
    <message>
      <source>Command line</source>
      <translation>Befehlszeile</translation>
    </message>
    <message>
      <source>Compare</source>
      <translation>Vergleichen</translation>
    </message>
    <message>
      <source>Comparing the images with the model…</source>
      <translation>Bilder und Modell werden verglichen…</translation>
    </message>
    <message>
      <source>Complete</source>
      <translation>Vollständig</translation>
    </message>
    <message>
      <source>Compute on</source>
      <translation>Rechnen auf</translation>
    </message>
    <message>
      <source>Confidence 10 m</source>
      <translation>Konfidenz 10 m</translation>
    </message>
    <message>
      <source>Contains modified Copernicus Sentinel data {years}, where the images are Sentinel-2's.</source>
      <translation>Enthält veränderte Copernicus-Sentinel-Daten {years}, sofern die Bilder von Sentinel-2 sind.</translation>
    </message>
    <message>
      <source>Continue</source>
      <translation>Fortsetzen</translation>
    </message>
    <message>
      <source>Copied: paste it into your report.</source>
      <translation>Kopiert: Fügen Sie es in Ihren Bericht ein.</translation>
    </message>
    <message>
      <source>Copies and pictures</source>
      <translation>Kopien und Bilder</translation>
    </message>
    <message>
      <source>Copy as</source>
      <translation>Kopieren als</translation>
    </message>
    <message>
      <source>Copy diagnostics</source>
      <translation>Diagnose kopieren</translation>
    </message>
    <message>
      <source>Copy of another parcel</source>
      <translation>Kopie einer anderen Parzelle</translation>
    </message>
    <message>
      <source>Copy the run as a command, a call, a program or a file</source>
      <translation>Den Lauf als Befehl, Aufruf, Programm oder Datei kopieren</translation>
    </message>
    <message>
      <source>Copy with another class</source>
      <translation>Kopie mit anderer Klasse</translation>
    </message>
    <message>
      <source>Copying the engine</source>
      <translation>Engine wird kopiert</translation>
    </message>
    <message>
      <source>Count</source>
      <translation>Zählen</translation>
    </message>
    <message>
      <source>Count clouds and valid pixels over this area</source>
      <translation>Wolken und gültige Pixel in diesem Gebiet zählen</translation>
    </message>
    <message>
      <source>Count the values of the field and check the parcels</source>
      <translation>Die Werte des Feldes zählen und die Parzellen prüfen</translation>
    </message>
    <message>
      <source>Crop map 10 m</source>
      <translation>Anbaukarte 10 m</translation>
    </message>
    <message>
      <source>Crop map: {name}</source>
      <translation>Anbaukarte: {name}</translation>
    </message>
    <message>
      <source>Crop mapping (CSCL)</source>
      <translation>Crop mapping (CSCL)</translation>
    </message>
    <message>
      <source>Crop mapping with context-self contrastive learning</source>
      <translation>Anbaukartierung mit kontrastivem Kontext-Selbst-Lernen</translation>
    </message>
    <message>
      <source>Crop mapping: class table</source>
      <translation>Anbaukartierung: Klassentabelle</translation>
    </message>
    <message>
      <source>Crop mapping: dates of a time series</source>
      <translation>Anbaukartierung: Termine einer Zeitreihe</translation>
    </message>
    <message>
      <source>Crop mapping: parcel under the click</source>
      <translation>Anbaukartierung: Parzelle unter dem Klick</translation>
    </message>
    <message>
      <source>Crop mapping: preview</source>
      <translation>Anbaukartierung: Vorschau</translation>
    </message>
    <message>
      <source>Crop mapping: reading findings</source>
      <translation>Anbaukartierung: Befunde werden gelesen</translation>
    </message>
    <message>
      <source>Crop mapping: reading parcels</source>
      <translation>Anbaukartierung: Parzellen werden gelesen</translation>
    </message>
    <message>
      <source>Crop mapping: reading results</source>
      <translation>Anbaukartierung: Ergebnisse werden gelesen</translation>
    </message>
    <message>
      <source>Crop mapping: removing files</source>
      <translation>Anbaukartierung: Dateien werden entfernt</translation>
    </message>
    <message>
      <source>Crop mapping: sizes of folders</source>
      <translation>Anbaukartierung: Größen der Ordner</translation>
    </message>
    <message>
      <source>Curve</source>
      <translation>Kurve</translation>
    </message>
    <message>
      <source>Curve of the pixel, or of the parcel under the click</source>
      <translation>Kurve des Pixels oder der Parzelle unter dem Klick</translation>
    </message>
    <message>
      <source>Curves</source>
      <translation>Kurven</translation>
    </message>
    <message>
      <source>Curves of the classes of the chosen dataset, drawn behind; one alone has its range</source>
      <translation>Kurven der Klassen des gewählten Datensatzes im Hintergrund; eine allein zeigt ihre Spanne</translation>
    </message>
    <message>
      <source>Data</source>
      <translation>Daten</translation>
    </message>
    <message>
      <source>Date</source>
      <translation>Datum</translation>
    </message>
    <message>
      <source>Dates and clouds through the season</source>
      <translation>Termine und Wolken über die Saison</translation>
    </message>
    <message>
      <source>Dates of the images</source>
      <translation>Termine der Bilder</translation>
    </message>
    <message>
      <source>Day of the image; untick it to leave the day out, edit it to mend it</source>
      <translation>Tag des Bildes; ohne Haken bleibt er aus, zum Berichtigen bearbeiten</translation>
    </message>
    <message>
      <source>Declared</source>
      <translation>Deklariert</translation>
    </message>
    <message>
      <source>Define a time series</source>
      <translation>Zeitreihe definieren</translation>
    </message>
    <message>
      <source>Define the time series again from its images.</source>
      <translation>Definieren Sie die Zeitreihe noch einmal aus ihren Bildern.</translation>
    </message>
    <message>
      <source>Define time series</source>
      <translation>Zeitreihe definieren</translation>
    </message>
    <message>
      <source>Demonstration scene</source>
      <translation>Vorführszene</translation>
    </message>
    <message>
      <source>Details</source>
      <translation>Details</translation>
    </message>
    <message>
      <source>Diagnostics</source>
      <translation>Diagnose</translation>
    </message>
    <message>
      <source>Do this</source>
      <translation>Ausführen</translation>
    </message>
    <message>
      <source>Done</source>
      <translation>Fertig</translation>
    </message>
    <message>
      <source>Downloading PyTorch</source>
      <translation>PyTorch wird heruntergeladen</translation>
    </message>
    <message>
      <source>Downloading the libraries</source>
      <translation>Bibliotheken werden heruntergeladen</translation>
    </message>
    <message>
      <source>Downloads about {size} MB.</source>
      <translation>Lädt etwa {size} MB herunter.</translation>
    </message>
    <message>
      <source>Drag the line over the map, or move it with the arrow keys. Escape or another tool ends it.</source>
      <translation>Ziehen Sie die Linie über die Karte oder bewegen Sie sie mit den Pfeiltasten. Escape oder ein anderes Werkzeug beendet.</translation>
    </message>
    <message>
      <source>Draw</source>
      <translation>Zeichnen</translation>
    </message>
    <message>
      <source>Draw a line over the map; the other layer lies to its right</source>
      <translation>Eine Linie über die Karte ziehen; der andere Layer liegt rechts davon</translation>
    </message>
    <message>
      <source>Draw a sample to label</source>
      <translation>Stichprobe zum Beschriften ziehen</translation>
    </message>
    <message>
      <source>Draw anew</source>
      <translation>Neu zeichnen</translation>
    </message>
    <message>
      <source>Draw one on the map, or choose another area.</source>
      <translation>Zeichnen Sie eines in die Karte oder wählen Sie ein anderes Gebiet.</translation>
    </message>
    <message>
      <source>Draw parcels from a map</source>
      <translation>Parzellen aus einer Karte zeichnen</translation>
    </message>
    <message>
      <source>Draw the curve of the places that you click on the map</source>
      <translation>Die Kurve der Orte zeichnen, die Sie in der Karte anklicken</translation>
    </message>
    <message>
      <source>Draw this run's curves dashed in the charts</source>
      <translation>Die Kurven dieses Laufs gestrichelt in die Diagramme zeichnen</translation>
    </message>
    <message>
      <source>Drawn area</source>
      <translation>Gezeichnetes Gebiet</translation>
    </message>
    <message>
      <source>Each dot is an image: the lower, the cloudier. The season is shaded.</source>
      <translation>Jeder Punkt ist ein Bild: je tiefer, desto bewölkter. Die Saison ist hinterlegt.</translation>
    </message>
    <message>
      <source>Earlier runs</source>
      <translation>Frühere Läufe</translation>
    </message>
    <message>
      <source>Edge</source>
      <translation>Rand</translation>
    </message>
    <message>
      <source>Edges, small parcels, rare classes</source>
      <translation>Ränder, kleine Parzellen, seltene Klassen</translation>
    </message>
    <message>
      <source>End it now</source>
      <translation>Jetzt beenden</translation>
    </message>
    <message>
      <source>End the engine's process at once</source>
      <translation>Den Prozess der Engine sofort beenden</translation>
    </message>
    <message>
      <source>End this training now; the best weights so far become its model</source>
      <translation>Das Training jetzt beenden; die bisher besten Gewichte werden sein Modell</translation>
    </message>
    <message>
      <source>Engine</source>
      <translation>Engine</translation>
    </message>
    <message>
      <source>Engine {version} on {device}</source>
      <translation>Engine {version} auf {device}</translation>
    </message>
    <message>
      <source>Engine: copying</source>
      <translation>Engine: kopieren</translation>
    </message>
    <message>
      <source>Engine: counting</source>
      <translation>Engine: zählen</translation>
    </message>
    <message>
      <source>Engine: finishing</source>
      <translation>Engine: abschließen</translation>
    </message>
    <message>
      <source>Engine: tidying</source>
      <translation>Engine: aufräumen</translation>
    </message>
    <message>
      <source>Estimate areas from a sample</source>
      <translation>Flächen aus einer Stichprobe schätzen</translation>
    </message>
    <message>
      <source>Evaluate a model</source>
      <translation>Modell bewerten</translation>
    </message>
    <message>
      <source>Evaluate the model again.</source>
      <translation>Bewerten Sie das Modell noch einmal.</translation>
    </message>
    <message>
      <source>Example</source>
      <translation>Beispiel</translation>
    </message>
    <message>
      <source>Expected: {parts}.</source>
      <translation>Voraussichtlich: {parts}.</translation>
    </message>
    <message>
      <source>Export a dataset</source>
      <translation>Datensatz exportieren</translation>
    </message>
    <message>
      <source>Export parcels</source>
      <translation>Parzellen exportieren</translation>
    </message>
    <message>
      <source>Export the class table</source>
      <translation>Klassentabelle exportieren</translation>
    </message>
    <message>
      <source>Exported layer</source>
      <translation>Exportierter Layer</translation>
    </message>
    <message>
      <source>Export…</source>
      <translation>Exportieren…</translation>
    </message>
    <message>
      <source>Failed</source>
      <translation>Fehlgeschlagen</translation>
    </message>
    <message>
      <source>Field of the declared class</source>
      <translation>Feld der deklarierten Klasse</translation>
    </message>
    <message>
      <source>Field or expression</source>
      <translation>Feld oder Ausdruck</translation>
    </message>
    <message>
      <source>Figures</source>
      <translation>Kennzahlen</translation>
    </message>
    <message>
      <source>Files with images</source>
      <translation>Dateien mit Bildern</translation>
    </message>
    <message>
      <source>Files…</source>
      <translation>Dateien…</translation>
    </message>
    <message>
      <source>Fill the settings with those of this run</source>
      <translation>Die Einstellungen mit denen dieses Laufs füllen</translation>
    </message>
    <message>
      <source>Filter</source>
      <translation>Filter</translation>
    </message>
    <message>
      <source>Findings in parcels</source>
      <translation>Befunde an Parzellen</translation>
    </message>
    <message>
      <source>Fine-tune a network</source>
      <translation>Netz feinabstimmen</translation>
    </message>
    <message>
      <source>Finishing</source>
      <translation>Wird abgeschlossen</translation>
    </message>
    <message>
      <source>Folder of images</source>
      <translation>Ordner mit Bildern</translation>
    </message>
    <message>
      <source>Folder of results</source>
      <translation>Ordner mit Ergebnissen</translation>
    </message>
    <message>
      <source>Folder of the model</source>
      <translation>Ordner des Modells</translation>
    </message>
    <message>
      <source>Folder of the run</source>
      <translation>Ordner des Laufs</translation>
    </message>
    <message>
      <source>Folder with images, SAFE or Zarr</source>
      <translation>Ordner mit Bildern, SAFE oder Zarr</translation>
    </message>
    <message>
      <source>Folder…</source>
      <translation>Ordner…</translation>
    </message>
    <message>
      <source>Following a run</source>
      <translation>Ein Lauf wird verfolgt</translation>
    </message>
    <message>
      <source>Found: {names}</source>
      <translation>Gefunden: {names}</translation>
    </message>
    <message>
      <source>Free some space and press Install again: what was downloaded is kept.</source>
      <translation>Schaffen Sie Platz und drücken Sie noch einmal Installieren: Was heruntergeladen ist, bleibt.</translation>
    </message>
    <message>
      <source>Free some space, or set the variable CSCL_HOME to a folder on another disk.</source>
      <translation>Schaffen Sie Platz oder setzen Sie die Variable CSCL_HOME auf einen Ordner einer anderen Platte.</translation>
    </message>
    <message>
      <source>From</source>
      <translation>Von</translation>
    </message>
    <message>
      <source>Give exactly one.</source>
      <translation>Geben Sie genau eines an.</translation>
    </message>
    <message>
      <source>Give exactly one: a folder of images, raster layers, or a time series.</source>
      <translation>Geben Sie genau eines an: einen Ordner mit Bildern, Rasterlayer oder eine Zeitreihe.</translation>
    </message>
    <message>
      <source>Go on</source>
      <translation>Weiter</translation>
    </message>
    <message>
      <source>Go on where it stopped</source>
      <translation>Dort fortsetzen, wo er anhielt</translation>
    </message>
    <message>
      <source>Go on where this run stopped</source>
      <translation>Fortsetzen, wo dieser Lauf anhielt</translation>
    </message>
    <message>
      <source>Go to work</source>
      <translation>Zur Arbeit</translation>
    </message>
    <message>
      <source>Graphics card</source>
      <translation>Grafikkarte</translation>
    </message>
    <message>
      <source>Graphics card: {name}</source>
      <translation>Grafikkarte: {name}</translation>
    </message>
    <message>
      <source>HCAT</source>
      <translation>HCAT</translation>
    </message>
    <message>
      <source>History</source>
      <translation>Verlauf</translation>
    </message>
    <message>
      <source>How far it came</source>
      <translation>Wie weit er kam</translation>
    </message>
    <message>
      <source>How many of the bands that are needed the image has; edit it to name the file's bands in their order, - for one that is not used</source>
      <translation>Wie viele der nötigen Bänder das Bild hat; bearbeiten, um die Bänder der Datei in ihrer Reihenfolge zu nennen, - für ein unbenutztes</translation>
    </message>
    <message>
      <source>Ignore</source>
      <translation>Ignorieren</translation>
    </message>
    <message>
      <source>Ignored values: {count}</source>
      <translation>Ignorierte Werte: {count}</translation>
    </message>
    <message>
      <source>Image</source>
      <translation>Bild</translation>
    </message>
    <message>
      <source>Images: a folder, or the path of a file</source>
      <translation>Bilder: ein Ordner oder der Pfad einer Datei</translation>
    </message>
    <message>
      <source>Images: or a time series</source>
      <translation>Bilder: oder eine Zeitreihe</translation>
    </message>
    <message>
      <source>Images: or raster layers, one a date</source>
      <translation>Bilder: oder Rasterlayer, einer je Termin</translation>
    </message>
    <message>
      <source>Import a class table</source>
      <translation>Klassentabelle importieren</translation>
    </message>
    <message>
      <source>Import a published dataset</source>
      <translation>Veröffentlichten Datensatz importieren</translation>
    </message>
    <message>
      <source>Import…</source>
      <translation>Importieren…</translation>
    </message>
    <message>
      <source>In a company's network, add its certificate under Settings &gt; Options &gt; Authentication &gt; Manage Certificates, then try again.</source>
      <translation>Fügen Sie im Netz einer Firma deren Zertifikat unter Einstellungen &gt; Optionen &gt; Authentifizierung &gt; Zertifikate verwalten hinzu und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>In training its ground was of the split {split}</source>
      <translation>Im Training lag ihr Boden im Teil {split}</translation>
    </message>
    <message>
      <source>In use: {path}</source>
      <translation>In Gebrauch: {path}</translation>
    </message>
    <message>
      <source>Install</source>
      <translation>Installieren</translation>
    </message>
    <message>
      <source>Install or update the engine, in the dock</source>
      <translation>Die Engine im Dock installieren oder aktualisieren</translation>
    </message>
    <message>
      <source>Install the engine again.</source>
      <translation>Installieren Sie die Engine neu.</translation>
    </message>
    <message>
      <source>Install the engine, or name one that is there</source>
      <translation>Die Engine installieren oder eine vorhandene nennen</translation>
    </message>
    <message>
      <source>Install the engine: open the dock (Plugins &gt; Crop mapping) and press Install. Or name a Python that has its libraries there, or in the variable {variable}; in a clone of the repository, run: make demo.</source>
      <translation>Installieren Sie die Engine: Öffnen Sie das Dock (Erweiterungen &gt; Crop mapping) und drücken Sie Installieren. Oder nennen Sie dort oder in der Variablen {variable} ein Python mit ihren Bibliotheken; in einem Klon des Repositorys: make demo.</translation>
    </message>
    <message>
      <source>Installed: version {version}, {build}.</source>
      <translation>Installiert: Version {version}, {build}.</translation>
    </message>
    <message>
      <source>Installing PyTorch</source>
      <translation>PyTorch wird installiert</translation>
    </message>
    <message>
      <source>Installing the libraries</source>
      <translation>Bibliotheken werden installiert</translation>
    </message>
    <message>
      <source>Interior</source>
      <translation>Inneres</translation>
    </message>
    <message>
      <source>Interrupted</source>
      <translation>Unterbrochen</translation>
    </message>
    <message>
      <source>Into the folder</source>
      <translation>In den Ordner</translation>
    </message>
    <message>
      <source>IoU</source>
      <translation>IoU</translation>
    </message>
    <message>
      <source>It has to be installed again before the next job.</source>
      <translation>Sie muss vor dem nächsten Job neu installiert werden.</translation>
    </message>
    <message>
      <source>It is the record of the run; {output} stays.</source>
      <translation>Es ist die Aufzeichnung des Laufs; {output} bleibt.</translation>
    </message>
    <message>
      <source>It said: {text}</source>
      <translation>Sie meldete: {text}</translation>
    </message>
    <message>
      <source>It took {minutes} minutes.</source>
      <translation>Es dauerte {minutes} Minuten.</translation>
    </message>
    <message>
      <source>Its images, model and map go.</source>
      <translation>Ihre Bilder, ihr Modell und ihre Karte gehen verloren.</translation>
    </message>
    <message>
      <source>JSON for a cluster</source>
      <translation>JSON für einen Cluster</translation>
    </message>
    <message>
      <source>Job {job} of {day}</source>
      <translation>Job {job} vom {day}</translation>
    </message>
    <message>
      <source>Jobs need the engine.</source>
      <translation>Jobs brauchen die Engine.</translation>
    </message>
    <message>
      <source>Judge the chosen parcels by the map that is there; nothing is mapped again</source>
      <translation>Die gewählten Parzellen anhand der vorhandenen Karte klassifizieren; es wird nichts neu kartiert</translation>
    </message>
    <message>
      <source>Keep QGIS open</source>
      <translation>QGIS offen lassen</translation>
    </message>
    <message>
      <source>Keep it</source>
      <translation>Behalten</translation>
    </message>
    <message>
      <source>Kept on this computer</source>
      <translation>Auf diesem Rechner aufbewahrt</translation>
    </message>
    <message>
      <source>Lacking: {names}</source>
      <translation>Es fehlen: {names}</translation>
    </message>
    <message>
      <source>Lay over the right of the map</source>
      <translation>Rechts über die Karte legen</translation>
    </message>
    <message>
      <source>Layers of the project…</source>
      <translation>Layer des Projekts…</translation>
    </message>
    <message>
      <source>Leave the selected values out: their parcels count as unknown</source>
      <translation>Die gewählten Werte auslassen: Ihre Parzellen zählen als unbekannt</translation>
    </message>
    <message>
      <source>Less than {share} % of its pixels are valid: a time series leaves it out.</source>
      <translation>Weniger als {share} % seiner Pixel sind gültig: Eine Zeitreihe lässt es aus.</translation>
    </message>
    <message>
      <source>Let it go on</source>
      <translation>Weiterlaufen lassen</translation>
    </message>
    <message>
      <source>Let the job rest, or go on with it</source>
      <translation>Den Job ruhen lassen oder fortsetzen</translation>
    </message>
    <message>
      <source>Log</source>
      <translation>Protokoll</translation>
    </message>
    <message>
      <source>Look again</source>
      <translation>Noch einmal suchen</translation>
    </message>
    <message>
      <source>Look for runs in another folder too</source>
      <translation>Auch in einem anderen Ordner nach Läufen suchen</translation>
    </message>
    <message>
      <source>Look whether there is an engine now</source>
      <translation>Nachsehen, ob jetzt eine Engine da ist</translation>
    </message>
    <message>
      <source>Looking at the images…</source>
      <translation>Bilder werden angesehen…</translation>
    </message>
    <message>
      <source>Looking at the output folder</source>
      <translation>Ausgabeordner wird angesehen</translation>
    </message>
    <message>
      <source>Looking for Python…</source>
      <translation>Python wird gesucht…</translation>
    </message>
    <message>
      <source>Looking for leavings of earlier attempts</source>
      <translation>Reste früherer Versuche werden gesucht</translation>
    </message>
    <message>
      <source>Looking for results</source>
      <translation>Ergebnisse werden gesucht</translation>
    </message>
    <message>
      <source>Make a class of its own of each value of the selected classes</source>
      <translation>Aus jedem Wert der gewählten Klassen eine eigene Klasse machen</translation>
    </message>
    <message>
      <source>Make a folder for {platform}: `make wheelhouse`.</source>
      <translation>Erzeugen Sie einen Ordner für {platform}: `make wheelhouse`.</translation>
    </message>
    <message>
      <source>Make one class of the selected values</source>
      <translation>Aus den gewählten Werten eine Klasse machen</translation>
    </message>
    <message>
      <source>Make training data of the images and parcels</source>
      <translation>Aus Bildern und Parzellen Trainingsdaten machen</translation>
    </message>
    <message>
      <source>Making an environment</source>
      <translation>Umgebung wird angelegt</translation>
    </message>
    <message>
      <source>Map a square of about a kilometre in the middle of the view</source>
      <translation>Ein Quadrat von etwa einem Kilometer in der Mitte der Ansicht kartieren</translation>
    </message>
    <message>
      <source>Map against declaration</source>
      <translation>Karte gegen Deklaration</translation>
    </message>
    <message>
      <source>Map and declaration agree</source>
      <translation>Karte und Deklaration stimmen überein</translation>
    </message>
    <message>
      <source>Map and declaration differ</source>
      <translation>Karte und Deklaration widersprechen sich</translation>
    </message>
    <message>
      <source>Map and declaration differ in {count} of {all} parcels, the surest first. Choose a row to see it on the map.</source>
      <translation>Karte und Deklaration widersprechen sich bei {count} von {all} Parzellen, die sichersten zuerst. Eine Zeile wählen zeigt sie in der Karte.</translation>
    </message>
    <message>
      <source>Map crops</source>
      <translation>Kulturen kartieren</translation>
    </message>
    <message>
      <source>Map the area, then classify the parcels</source>
      <translation>Das Gebiet kartieren, dann die Parzellen klassifizieren</translation>
    </message>
    <message>
      <source>Map these parcels only</source>
      <translation>Nur diese Parzellen kartieren</translation>
    </message>
    <message>
      <source>Map view</source>
      <translation>Kartenansicht</translation>
    </message>
    <message>
      <source>Mapped</source>
      <translation>Kartiert</translation>
    </message>
    <message>
      <source>Mapping the middle of the view…</source>
      <translation>Die Mitte der Ansicht wird kartiert…</translation>
    </message>
    <message>
      <source>Maps</source>
      <translation>Karten</translation>
    </message>
    <message>
      <source>Maps are computed by an engine beside QGIS: a Python environment of its own with PyTorch and libraries for rasters and layers. Nothing is added to the Python of QGIS, and all of it can be removed again.</source>
      <translation>Karten rechnet eine Engine neben QGIS: eine eigene Python-Umgebung mit PyTorch und Bibliotheken für Raster und Layer. Dem Python von QGIS wird nichts hinzugefügt, und alles kann wieder entfernt werden.</translation>
    </message>
    <message>
      <source>Maps at</source>
      <translation>Kartiert bei</translation>
    </message>
    <message>
      <source>Matrix</source>
      <translation>Matrix</translation>
    </message>
    <message>
      <source>Mean IoU at 10 m</source>
      <translation>Mittlere IoU bei 10 m</translation>
    </message>
    <message>
      <source>Mean IoU at 2.5 m</source>
      <translation>Mittlere IoU bei 2,5 m</translation>
    </message>
    <message>
      <source>Mean IoU at 5 m</source>
      <translation>Mittlere IoU bei 5 m</translation>
    </message>
    <message>
      <source>Mean IoU of boundary pixels of validation at the finest resolution</source>
      <translation>Mittlere IoU der Grenzpixel der Validierung bei der feinsten Auflösung</translation>
    </message>
    <message>
      <source>Mean IoU of validation at the finest resolution</source>
      <translation>Mittlere IoU der Validierung bei der feinsten Auflösung</translation>
    </message>
    <message>
      <source>Mend its connection, or save its features as a GeoPackage and use that.</source>
      <translation>Stellen Sie seine Verbindung wieder her oder speichern Sie seine Objekte als GeoPackage und benutzen Sie dieses.</translation>
    </message>
    <message>
      <source>Merge</source>
      <translation>Vereinen</translation>
    </message>
    <message>
      <source>Model: {model}
Images: {images}</source>
      <translation>Modell: {model}
Bilder: {images}</translation>
    </message>
    <message>
      <source>Models</source>
      <translation>Modelle</translation>
    </message>
    <message>
      <source>NDVI, the reflectance of one band, or of all bands</source>
      <translation>NDVI, Reflektanz eines Bandes oder aller Bänder</translation>
    </message>
    <message>
      <source>Name</source>
      <translation>Name</translation>
    </message>
    <message>
      <source>Name of the class; values of one name are one class</source>
      <translation>Name der Klasse; Werte eines Namens sind eine Klasse</translation>
    </message>
    <message>
      <source>Narrower than a pixel</source>
      <translation>Schmaler als ein Pixel</translation>
    </message>
    <message>
      <source>Nearly a copy</source>
      <translation>Beinahe eine Kopie</translation>
    </message>
    <message>
      <source>Needs {need} GB on the disk; {free} GB are free.</source>
      <translation>Braucht {need} GB auf der Platte; {free} GB sind frei.</translation>
    </message>
    <message>
      <source>Network, labels and device</source>
      <translation>Netz, Labels und Gerät</translation>
    </message>
    <message>
      <source>Next</source>
      <translation>Weiter</translation>
    </message>
    <message>
      <source>Next goes through {count} places.</source>
      <translation>Weiter geht durch {count} Orte.</translation>
    </message>
    <message>
      <source>Next: {crop}</source>
      <translation>Danach: {crop}</translation>
    </message>
    <message>
      <source>No Python from 3.11 to 3.14 was found. Install one, or uv, which brings one; or choose it with the button beside the line.</source>
      <translation>Kein Python von 3.11 bis 3.14 gefunden. Installieren Sie eines oder uv, das eines mitbringt; oder wählen Sie es mit der Schaltfläche neben der Zeile.</translation>
    </message>
    <message>
      <source>No class</source>
      <translation>Keine Klasse</translation>
    </message>
    <message>
      <source>No polygon</source>
      <translation>Kein Polygon</translation>
    </message>
    <message>
      <source>No polygon is drawn yet.</source>
      <translation>Noch kein Polygon gezeichnet.</translation>
    </message>
    <message>
      <source>No run passes the filter.</source>
      <translation>Kein Lauf passt zum Filter.</translation>
    </message>
    <message>
      <source>No run was found yet. Runs that are started here, and those in folders that you choose below, appear in this list.</source>
      <translation>Noch kein Lauf gefunden. Hier gestartete Läufe und solche in unten gewählten Ordnern erscheinen in dieser Liste.</translation>
    </message>
    <message>
      <source>No training was found yet. Runs that are started here appear in this table.</source>
      <translation>Noch kein Training gefunden. Hier gestartete Läufe erscheinen in dieser Tabelle.</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Keine</translation>
    </message>
    <message>
      <source>Not checked yet.</source>
      <translation>Noch nicht geprüft.</translation>
    </message>
    <message>
      <source>Note: {text}</source>
      <translation>Hinweis: {text}</translation>
    </message>
    <message>
      <source>Nothing to show yet</source>
      <translation>Noch nichts zu zeigen</translation>
    </message>
    <message>
      <source>Nothing was found: the parcels are as they should be.</source>
      <translation>Nichts gefunden: Die Parzellen sind, wie sie sein sollen.</translation>
    </message>
    <message>
      <source>Number of parcels with this value</source>
      <translation>Anzahl der Parzellen mit diesem Wert</translation>
    </message>
    <message>
      <source>OA</source>
      <translation>OA</translation>
    </message>
    <message>
      <source>Of one class</source>
      <translation>Einer Klasse</translation>
    </message>
    <message>
      <source>Of two classes</source>
      <translation>Zweier Klassen</translation>
    </message>
    <message>
      <source>On Debian and Ubuntu install the package python3-venv; or choose another Python.</source>
      <translation>Installieren Sie auf Debian und Ubuntu das Paket python3-venv, oder wählen Sie ein anderes Python.</translation>
    </message>
    <message>
      <source>On a Mac, an Apple silicon processor is needed; else use 64-bit Linux or Windows.</source>
      <translation>Auf dem Mac braucht es einen Prozessor von Apple; sonst 64-Bit-Linux oder Windows.</translation>
    </message>
    <message>
      <source>One GeoTIFF a date</source>
      <translation>Ein GeoTIFF je Termin</translation>
    </message>
    <message>
      <source>One has a fault: choose it to see which.</source>
      <translation>Eines hat einen Fehler: Wählen Sie es, um ihn zu sehen.</translation>
    </message>
    <message>
      <source>One has less than {share} % valid pixels and is left out.</source>
      <translation>Eines hat weniger als {share} % gültige Pixel und wird ausgelassen.</translation>
    </message>
    <message>
      <source>One that has the engine's libraries already; it is tried first</source>
      <translation>Eines, das die Bibliotheken der Engine schon hat; es wird zuerst ausprobiert</translation>
    </message>
    <message>
      <source>One validation chip, which the network is not trained on</source>
      <translation>Ein Validierungschip, auf dem das Netz nicht trainiert wird</translation>
    </message>
    <message>
      <source>Only parcels that the model has not seen</source>
      <translation>Nur Parzellen, die das Modell nicht sah</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>Öffnen</translation>
    </message>
    <message>
      <source>Open its results</source>
      <translation>Seine Ergebnisse öffnen</translation>
    </message>
    <message>
      <source>Open results</source>
      <translation>Ergebnisse öffnen</translation>
    </message>
    <message>
      <source>Open the file with a program that reads its format.</source>
      <translation>Öffnen Sie die Datei mit einem Programm, das ihr Format liest.</translation>
    </message>
    <message>
      <source>Open the guide at this page</source>
      <translation>Das Handbuch bei dieser Seite öffnen</translation>
    </message>
    <message>
      <source>Open the report in a browser</source>
      <translation>Den Bericht im Browser öffnen</translation>
    </message>
    <message>
      <source>Open the results again; if it stays, tell the makers of the plugin.</source>
      <translation>Öffnen Sie die Ergebnisse noch einmal; bleibt es, melden Sie es den Machern der Erweiterung.</translation>
    </message>
    <message>
      <source>Opening results</source>
      <translation>Ergebnisse werden geöffnet</translation>
    </message>
    <message>
      <source>Options</source>
      <translation>Optionen</translation>
    </message>
    <message>
      <source>Options: {text}</source>
      <translation>Optionen: {text}</translation>
    </message>
    <message>
      <source>Other land</source>
      <translation>Übriges Land</translation>
    </message>
    <message>
      <source>Outline repaired</source>
      <translation>Umriss repariert</translation>
    </message>
    <message>
      <source>Outline repaired, area changed</source>
      <translation>Umriss repariert, Fläche verändert</translation>
    </message>
    <message>
      <source>Output folder of a map</source>
      <translation>Ausgabeordner einer Karte</translation>
    </message>
    <message>
      <source>Output: {path}</source>
      <translation>Ausgabe: {path}</translation>
    </message>
    <message>
      <source>Outputs</source>
      <translation>Ausgaben</translation>
    </message>
    <message>
      <source>Overall accuracy of validation at the finest resolution</source>
      <translation>Gesamtgenauigkeit der Validierung bei der feinsten Auflösung</translation>
    </message>
    <message>
      <source>Overlap with another class</source>
      <translation>Überlappung mit einer anderen Klasse</translation>
    </message>
    <message>
      <source>Overlap with the same class</source>
      <translation>Überlappung mit derselben Klasse</translation>
    </message>
    <message>
      <source>Pair AUC</source>
      <translation>Paar-AUC</translation>
    </message>
    <message>
      <source>Parameters</source>
      <translation>Parameter</translation>
    </message>
    <message>
      <source>Parameters and logs of jobs whose results are single files go; results stay.</source>
      <translation>Parameter und Protokolle von Jobs, deren Ergebnisse einzelne Dateien sind, gehen verloren; Ergebnisse bleiben.</translation>
    </message>
    <message>
      <source>Parcel of {pixels} pixels</source>
      <translation>Parzelle von {pixels} Pixeln</translation>
    </message>
    <message>
      <source>Parcels and classes</source>
      <translation>Parzellen und Klassen</translation>
    </message>
    <message>
      <source>Parcels that the model has not seen</source>
      <translation>Parzellen, die das Modell nicht sah</translation>
    </message>
    <message>
      <source>Parcels to inspect</source>
      <translation>Zu prüfende Parzellen</translation>
    </message>
    <message>
      <source>Pause</source>
      <translation>Pause</translation>
    </message>
    <message>
      <source>Paused</source>
      <translation>Pausiert</translation>
    </message>
    <message>
      <source>Pixel</source>
      <translation>Pixel</translation>
    </message>
    <message>
      <source>Points to label</source>
      <translation>Zu beschriftende Punkte</translation>
    </message>
    <message>
      <source>Precision, %</source>
      <translation>Präzision, %</translation>
    </message>
    <message>
      <source>Prediction</source>
      <translation>Vorhersage</translation>
    </message>
    <message>
      <source>Preparing pip</source>
      <translation>Pip wird vorbereitet</translation>
    </message>
    <message>
      <source>Preparing…</source>
      <translation>Wird vorbereitet…</translation>
    </message>
    <message>
      <source>Press Install to make an environment of its own, or install there what is missing.</source>
      <translation>Drücken Sie Installieren, um eine eigene Umgebung anzulegen, oder installieren Sie dort, was fehlt.</translation>
    </message>
    <message>
      <source>Press Install.</source>
      <translation>Drücken Sie Installieren.</translation>
    </message>
    <message>
      <source>Press “Click on the map” and click: the season's curve of the place appears here.</source>
      <translation>Drücken Sie „In die Karte klicken“ und klicken Sie: Hier erscheint die Saisonkurve des Ortes.</translation>
    </message>
    <message>
      <source>Pretrain a network</source>
      <translation>Netz vortrainieren</translation>
    </message>
    <message>
      <source>Pretrain first</source>
      <translation>Zuerst vortrainieren</translation>
    </message>
    <message>
      <source>Preview {resolution} m</source>
      <translation>Vorschau {resolution} m</translation>
    </message>
    <message>
      <source>Previous</source>
      <translation>Zurück</translation>
    </message>
    <message>
      <source>Processing call</source>
      <translation>Processing-Aufruf</translation>
    </message>
    <message>
      <source>Processing level</source>
      <translation>Verarbeitungsstufe</translation>
    </message>
    <message>
      <source>Processor</source>
      <translation>Prozessor</translation>
    </message>
    <message>
      <source>Processor and Apple graphics</source>
      <translation>Prozessor und Apple-Grafik</translation>
    </message>
    <message>
      <source>Progress</source>
      <translation>Fortschritt</translation>
    </message>
    <message>
      <source>PyTorch has no build for it</source>
      <translation>PyTorch gibt es dafür nicht</translation>
    </message>
    <message>
      <source>PyTorch {version} and {count} libraries, each checked by its hash.</source>
      <translation>PyTorch {version} und {count} Bibliotheken, jede am Hash geprüft.</translation>
    </message>
    <message>
      <source>Python</source>
      <translation>Python</translation>
    </message>
    <message>
      <source>Python 3.11 to 3.14, which the environment is made with</source>
      <translation>Python 3.11 bis 3.14, mit dem die Umgebung angelegt wird</translation>
    </message>
    <message>
      <source>Python to use instead</source>
      <translation>Stattdessen zu benutzendes Python</translation>
    </message>
    <message>
      <source>Python {version}, brought by uv</source>
      <translation>Python {version}, von uv mitgebracht</translation>
    </message>
    <message>
      <source>QGIS cannot open it as a layer</source>
      <translation>QGIS kann es nicht als Layer öffnen</translation>
    </message>
    <message>
      <source>QGIS cannot open it as a vector layer</source>
      <translation>QGIS kann es nicht als Vektorlayer öffnen</translation>
    </message>
    <message>
      <source>QGIS cannot open its layer {name}</source>
      <translation>QGIS kann ihren Layer {name} nicht öffnen</translation>
    </message>
    <message>
      <source>QGIS is closing it</source>
      <translation>QGIS schließt sie gerade</translation>
    </message>
    <message>
      <source>QGIS was closed before the job was complete.</source>
      <translation>QGIS wurde geschlossen, bevor der Job vollständig war.</translation>
    </message>
    <message>
      <source>Raster layers</source>
      <translation>Rasterlayer</translation>
    </message>
    <message>
      <source>Read classes</source>
      <translation>Klassen lesen</translation>
    </message>
    <message>
      <source>Reading a picture</source>
      <translation>Ein Bild wird gelesen</translation>
    </message>
    <message>
      <source>Reading curves</source>
      <translation>Kurven werden gelesen</translation>
    </message>
    <message>
      <source>Reading parcels…</source>
      <translation>Parzellen werden gelesen…</translation>
    </message>
    <message>
      <source>Reading the dataset…</source>
      <translation>Der Datensatz wird gelesen…</translation>
    </message>
    <message>
      <source>Reading the findings…</source>
      <translation>Die Befunde werden gelesen…</translation>
    </message>
    <message>
      <source>Reading the model…</source>
      <translation>Das Modell wird gelesen…</translation>
    </message>
    <message>
      <source>Reading…</source>
      <translation>Wird gelesen…</translation>
    </message>
    <message>
      <source>Ready</source>
      <translation>Bereit</translation>
    </message>
    <message>
      <source>Recall, %</source>
      <translation>Sensitivität, %</translation>
    </message>
    <message>
      <source>Records of runs</source>
      <translation>Aufzeichnungen von Läufen</translation>
    </message>
    <message>
      <source>Reference system</source>
      <translation>Bezugssystem</translation>
    </message>
    <message>
      <source>Reflectance</source>
      <translation>Reflektanz</translation>
    </message>
    <message>
      <source>Reinstall the engine, or choose another Python for it in the settings.</source>
      <translation>Installieren Sie die Engine neu oder wählen Sie in den Einstellungen ein anderes Python für sie.</translation>
    </message>
    <message>
      <source>Reinstall the engine.</source>
      <translation>Installieren Sie die Engine neu.</translation>
    </message>
    <message>
      <source>Reinstall the plugin.</source>
      <translation>Installieren Sie die Erweiterung neu.</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Entfernen</translation>
    </message>
    <message>
      <source>Remove it from the disk; its size is shown</source>
      <translation>Von der Platte entfernen; die Größe wird gezeigt</translation>
    </message>
    <message>
      <source>Remove it with the system's file manager.</source>
      <translation>Entfernen Sie ihn mit der Dateiverwaltung des Systems.</translation>
    </message>
    <message>
      <source>Remove its layers from the project first.</source>
      <translation>Entfernen Sie zuerst seine Layer aus dem Projekt.</translation>
    </message>
    <message>
      <source>Remove {folder} with all that is in it ({size})? This cannot be undone.</source>
      <translation>{folder} mit allem darin ({size}) entfernen? Das lässt sich nicht rückgängig machen.</translation>
    </message>
    <message>
      <source>Remove: {what}?</source>
      <translation>Entfernen: {what}?</translation>
    </message>
    <message>
      <source>Remove…</source>
      <translation>Entfernen…</translation>
    </message>
    <message>
      <source>Removing a run</source>
      <translation>Ein Lauf wird entfernt</translation>
    </message>
    <message>
      <source>Report on a dataset</source>
      <translation>Über einen Datensatz berichten</translation>
    </message>
    <message>
      <source>Results</source>
      <translation>Ergebnisse</translation>
    </message>
    <message>
      <source>Results of this or an earlier run can be opened here.</source>
      <translation>Ergebnisse dieses oder eines früheren Laufs können hier geöffnet werden.</translation>
    </message>
    <message>
      <source>Results: {name}</source>
      <translation>Ergebnisse: {name}</translation>
    </message>
    <message>
      <source>Resume</source>
      <translation>Fortsetzen</translation>
    </message>
    <message>
      <source>Run</source>
      <translation>Starten</translation>
    </message>
    <message>
      <source>Run again</source>
      <translation>Noch einmal</translation>
    </message>
    <message>
      <source>Run it again with the same parameters</source>
      <translation>Mit denselben Parametern noch einmal starten</translation>
    </message>
    <message>
      <source>Run it again.</source>
      <translation>Starten Sie ihn noch einmal.</translation>
    </message>
    <message>
      <source>Run that job again with the same output: it goes on.</source>
      <translation>Starten Sie diesen Job mit derselben Ausgabe noch einmal: Er geht weiter.</translation>
    </message>
    <message>
      <source>Run the job again with the same output: it goes on from its last checkpoint.</source>
      <translation>Starten Sie den Job mit derselben Ausgabe noch einmal: Er geht von seinem letzten Zwischenstand weiter.</translation>
    </message>
    <message>
      <source>Running</source>
      <translation>Läuft</translation>
    </message>
    <message>
      <source>Running in another process</source>
      <translation>Läuft in einem anderen Prozess</translation>
    </message>
    <message>
      <source>Save diagnostics…</source>
      <translation>Diagnose speichern…</translation>
    </message>
    <message>
      <source>Save the layer as a GeoPackage and use that.</source>
      <translation>Speichern Sie den Layer als GeoPackage und benutzen Sie dieses.</translation>
    </message>
    <message>
      <source>Saved: {path}</source>
      <translation>Gespeichert: {path}</translation>
    </message>
    <message>
      <source>Season {first} to {last}.</source>
      <translation>Saison {first} bis {last}.</translation>
    </message>
    <message>
      <source>Season {start} to {end}, {count} dates</source>
      <translation>Saison {start} bis {end}, {count} Termine</translation>
    </message>
    <message>
      <source>Season: {start} to {end}.</source>
      <translation>Saison: {start} bis {end}.</translation>
    </message>
    <message>
      <source>Select a run to see its parameters and figures.</source>
      <translation>Wählen Sie einen Lauf, um Parameter und Kennzahlen zu sehen.</translation>
    </message>
    <message>
      <source>Selected features only</source>
      <translation>Nur gewählte Objekte</translation>
    </message>
    <message>
      <source>Set it under Layer &gt; Set CRS.</source>
      <translation>Setzen Sie es unter Layer &gt; KBS von Layer(n) setzen.</translation>
    </message>
    <message>
      <source>Set the variable CSCL_HOME to a folder of your own, start QGIS again and retry.</source>
      <translation>Setzen Sie die Variable CSCL_HOME auf einen eigenen Ordner, starten Sie QGIS neu und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <source>Set up the engine</source>
      <translation>Engine einrichten</translation>
    </message>
    <message>
      <source>Set up…</source>
      <translation>Einrichten…</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Einstellungen</translation>
    </message>
    <message>
      <source>Share of a class that is mapped as it (producer's accuracy)</source>
      <translation>Anteil einer Klasse, der als sie kartiert ist (Herstellergenauigkeit)</translation>
    </message>
    <message>
      <source>Share of the area that clouds and their shadows hide</source>
      <translation>Anteil des Gebiets, den Wolken und ihre Schatten verdecken</translation>
    </message>
    <message>
      <source>Share of the area that is known and clear in all bands</source>
      <translation>Anteil des Gebiets, der in allen Bändern bekannt und klar ist</translation>
    </message>
    <message>
      <source>Share of what is mapped as a class that is it (user's accuracy)</source>
      <translation>Anteil des als Klasse Kartierten, der sie ist (Nutzergenauigkeit)</translation>
    </message>
    <message>
      <source>Show as layer</source>
      <translation>Als Layer zeigen</translation>
    </message>
    <message>
      <source>Show in map</source>
      <translation>In der Karte zeigen</translation>
    </message>
    <message>
      <source>Show on the map</source>
      <translation>In der Karte zeigen</translation>
    </message>
    <message>
      <source>Show or hide the dock for crop mapping</source>
      <translation>Das Dock der Anbaukartierung zeigen oder verbergen</translation>
    </message>
    <message>
      <source>Show the dataset as a page: split, classes, season curves, sample chips</source>
      <translation>Den Datensatz als Seite zeigen: Aufteilung, Klassen, Saisonkurven, Beispielchips</translation>
    </message>
    <message>
      <source>Show the pages of the dock</source>
      <translation>Die Seiten des Docks zeigen</translation>
    </message>
    <message>
      <source>Show the runs in this state</source>
      <translation>Die Läufe in diesem Zustand zeigen</translation>
    </message>
    <message>
      <source>Show the runs whose name, job, folder or parameters hold this</source>
      <translation>Die Läufe zeigen, deren Name, Job, Ordner oder Parameter dies enthalten</translation>
    </message>
    <message>
      <source>Show the values whose text, name or code holds this</source>
      <translation>Die Werte zeigen, deren Text, Name oder Code dies enthält</translation>
    </message>
    <message>
      <source>Show what the job says</source>
      <translation>Zeigen, was der Job sagt</translation>
    </message>
    <message>
      <source>Similarity of neighbours</source>
      <translation>Ähnlichkeit der Nachbarn</translation>
    </message>
    <message>
      <source>Simulate a scene</source>
      <translation>Szene simulieren</translation>
    </message>
    <message>
      <source>Simulate a small scene, train on it and map it: some ten minutes, no data needed</source>
      <translation>Eine kleine Szene simulieren, darauf trainieren und sie kartieren: etwa zehn Minuten, ohne Daten</translation>
    </message>
    <message>
      <source>Start QGIS again.</source>
      <translation>Starten Sie QGIS neu.</translation>
    </message>
    <message>
      <source>Start the job</source>
      <translation>Den Job starten</translation>
    </message>
    <message>
      <source>State</source>
      <translation>Zustand</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>Schritt</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Anhalten</translation>
    </message>
    <message>
      <source>Stop and keep the best</source>
      <translation>Beenden und das Beste behalten</translation>
    </message>
    <message>
      <source>Stop it first.</source>
      <translation>Halten Sie ihn zuerst an.</translation>
    </message>
    <message>
      <source>Stop reading</source>
      <translation>Lesen anhalten</translation>
    </message>
    <message>
      <source>Stop the job</source>
      <translation>Den Job anhalten</translation>
    </message>
    <message>
      <source>Stop the job and close</source>
      <translation>Job anhalten und schließen</translation>
    </message>
    <message>
      <source>Stop the job now</source>
      <translation>Den Job jetzt anhalten</translation>
    </message>
    <message>
      <source>Stop the job; what can be resumed stays in the history</source>
      <translation>Den Job anhalten; was fortgesetzt werden kann, bleibt im Verlauf</translation>
    </message>
    <message>
      <source>Stop; what was downloaded is kept</source>
      <translation>Anhalten; was heruntergeladen ist, bleibt</translation>
    </message>
    <message>
      <source>Stopping…</source>
      <translation>Wird angehalten…</translation>
    </message>
    <message>
      <source>Sure</source>
      <translation>Sicher</translation>
    </message>
    <message>
      <source>Swipe</source>
      <translation>Wischen</translation>
    </message>
    <message>
      <source>Tables (*.csv)</source>
      <translation>Tabellen (*.csv)</translation>
    </message>
    <message>
      <source>Tables (*.csv);;All files (*)</source>
      <translation>Tabellen (*.csv);;Alle Dateien (*)</translation>
    </message>
    <message>
      <source>Take care: {reason}</source>
      <translation>Achtung: {reason}</translation>
    </message>
    <message>
      <source>Take names, codes and colours from a class table (CSV), EuroCrops' columns too</source>
      <translation>Namen, Codes und Farben aus einer Klassentabelle (CSV) übernehmen, auch mit den Spalten von EuroCrops</translation>
    </message>
    <message>
      <source>Take the last change of the table back</source>
      <translation>Die letzte Änderung der Tabelle zurücknehmen</translation>
    </message>
    <message>
      <source>Take the selected ones off the list; files stay</source>
      <translation>Die gewählten von der Liste nehmen; Dateien bleiben</translation>
    </message>
    <message>
      <source>Take the selected values in again</source>
      <translation>Die gewählten Werte wieder aufnehmen</translation>
    </message>
    <message>
      <source>Teach the network which neighbouring pixels are alike before it learns classes. It finds the edges of parcels better then.</source>
      <translation>Dem Netz beibringen, welche benachbarten Pixel gleich sind, bevor es Klassen lernt. Es findet dann die Ränder der Parzellen besser.</translation>
    </message>
    <message>
      <source>Test pixels of {resolution} m against {reference}</source>
      <translation>Testpixel von {resolution} m gegen {reference}</translation>
    </message>
    <message>
      <source>Test pixels of {resolution} m against {reference}, random forest</source>
      <translation>Testpixel von {resolution} m gegen {reference}, Random Forest</translation>
    </message>
    <message>
      <source>That is Python {version}; 3.11 to 3.14 can be used.</source>
      <translation>Das ist Python {version}; brauchbar sind 3.11 bis 3.14.</translation>
    </message>
    <message>
      <source>The calibrated probability of the mapped class</source>
      <translation>Die kalibrierte Wahrscheinlichkeit der kartierten Klasse</translation>
    </message>
    <message>
      <source>The call is in the clipboard, for the Python console of QGIS.</source>
      <translation>Der Aufruf ist in der Zwischenablage, für die Python-Konsole von QGIS.</translation>
    </message>
    <message>
      <source>The class table is written: {path}</source>
      <translation>Die Klassentabelle ist geschrieben: {path}</translation>
    </message>
    <message>
      <source>The class that the map shows in the parcel</source>
      <translation>Die Klasse, die die Karte in der Parzelle zeigt</translation>
    </message>
    <message>
      <source>The class that was declared</source>
      <translation>Die deklarierte Klasse</translation>
    </message>
    <message>
      <source>The classes below are of another layer or field.</source>
      <translation>Die Klassen unten gehören zu einem anderen Layer oder Feld.</translation>
    </message>
    <message>
      <source>The command is in the clipboard.</source>
      <translation>Der Befehl ist in der Zwischenablage.</translation>
    </message>
    <message>
      <source>The crop map is complete.</source>
      <translation>Die Anbaukarte ist vollständig.</translation>
    </message>
    <message>
      <source>The dataset is complete.</source>
      <translation>Der Datensatz ist vollständig.</translation>
    </message>
    <message>
      <source>The demonstration's map is in the project.</source>
      <translation>Die Karte der Vorführung ist im Projekt.</translation>
    </message>
    <message>
      <source>The disk has only {size} left.</source>
      <translation>Auf der Platte sind nur noch {size} frei.</translation>
    </message>
    <message>
      <source>The engine did not start (status {status}).</source>
      <translation>Die Engine ist nicht gestartet (Status {status}).</translation>
    </message>
    <message>
      <source>The engine ended with status {status} although it had said that the job was done, so its results are not used. Run the job again.</source>
      <translation>Die Engine endete mit Status {status}, obwohl sie den Job als fertig gemeldet hatte; seine Ergebnisse werden daher nicht benutzt. Starten Sie den Job noch einmal.</translation>
    </message>
    <message>
      <source>The engine ended without saying that the job was done.</source>
      <translation>Die Engine endete, ohne den Job als fertig zu melden.</translation>
    </message>
    <message>
      <source>The engine is not responding. It may go on by itself; if it is ended, the job can be resumed from its last checkpoint.</source>
      <translation>Die Engine antwortet nicht. Sie kann von selbst weitergehen; wird sie beendet, kann der Job von seinem letzten Zwischenstand fortgesetzt werden.</translation>
    </message>
    <message>
      <source>The engine is of another version than the plugin: reinstall the engine.</source>
      <translation>Die Engine hat eine andere Version als die Erweiterung: Installieren Sie die Engine neu.</translation>
    </message>
    <message>
      <source>The engine is ready.</source>
      <translation>Die Engine ist bereit.</translation>
    </message>
    <message>
      <source>The engine stopped with status {status} before the job was complete.</source>
      <translation>Die Engine hielt mit Status {status} an, bevor der Job vollständig war.</translation>
    </message>
    <message>
      <source>The engine was ended by signal {signal} before the job was complete.</source>
      <translation>Die Engine wurde von Signal {signal} beendet, bevor der Job vollständig war.</translation>
    </message>
    <message>
      <source>The field of the parcels with the declared class</source>
      <translation>Das Feld der Parzellen mit der deklarierten Klasse</translation>
    </message>
    <message>
      <source>The first figures come with the first validation.</source>
      <translation>Die ersten Werte kommen mit der ersten Validierung.</translation>
    </message>
    <message>
      <source>The folder that `make wheelhouse` wrote, for a place offline</source>
      <translation>Der Ordner, den `make wheelhouse` geschrieben hat, für einen Ort ohne Netz</translation>
    </message>
    <message>
      <source>The images suit the model.</source>
      <translation>Die Bilder passen zum Modell.</translation>
    </message>
    <message>
      <source>The images suit the model. Worth knowing:</source>
      <translation>Die Bilder passen zum Modell. Wissenswert:</translation>
    </message>
    <message>
      <source>The images' dates appear here.</source>
      <translation>Die Termine der Bilder erscheinen hier.</translation>
    </message>
    <message>
      <source>The internet, with pip</source>
      <translation>Das Internet, mit pip</translation>
    </message>
    <message>
      <source>The internet, with uv</source>
      <translation>Das Internet, mit uv</translation>
    </message>
    <message>
      <source>The job is in the clipboard. Save it as job.json; on the cluster: cscl run --path FOLDER_HERE=FOLDER_THERE job.json</source>
      <translation>Der Job ist in der Zwischenablage. Speichern Sie ihn als job.json; auf dem Cluster: cscl run --path FOLDER_HERE=FOLDER_THERE job.json</translation>
    </message>
    <message>
      <source>The job was cancelled.</source>
      <translation>Der Job wurde abgebrochen.</translation>
    </message>
    <message>
      <source>The libraries are those of this version already; nothing is downloaded.</source>
      <translation>Die Bibliotheken sind schon die dieser Version; nichts wird heruntergeladen.</translation>
    </message>
    <message>
      <source>The output folder holds a finished map. Choose parcels to classify them on it.</source>
      <translation>Der Ausgabeordner enthält eine fertige Karte. Wählen Sie Parzellen, um sie darauf zu klassifizieren.</translation>
    </message>
    <message>
      <source>The output folder holds a finished map: parcels can be classified on it alone.</source>
      <translation>Der Ausgabeordner enthält eine fertige Karte: Parzellen lassen sich darauf klassifizieren, ohne neu zu kartieren.</translation>
    </message>
    <message>
      <source>The output folder of a map, or of the whole chain</source>
      <translation>Der Ausgabeordner einer Karte oder der ganzen Kette</translation>
    </message>
    <message>
      <source>The parcel's id in its layer</source>
      <translation>Die Kennung der Parzelle in ihrem Layer</translation>
    </message>
    <message>
      <source>The parcels are classified.</source>
      <translation>Die Parzellen sind klassifiziert.</translation>
    </message>
    <message>
      <source>The parcels could not be read ({found}). Save the layer as a GeoPackage and choose that file.</source>
      <translation>Die Parzellen konnten nicht gelesen werden ({found}). Speichern Sie den Layer als GeoPackage und wählen Sie diese Datei.</translation>
    </message>
    <message>
      <source>The parcels were classified without a class field, so there is nothing to compare the map with.</source>
      <translation>Die Parzellen wurden ohne Klassenfeld klassifiziert; es gibt nichts, womit die Karte verglichen werden kann.</translation>
    </message>
    <message>
      <source>The parcels were exported to {path}.</source>
      <translation>Die Parzellen wurden nach {path} exportiert.</translation>
    </message>
    <message>
      <source>The pretrained network is there already and is used.</source>
      <translation>Das vortrainierte Netz ist schon da und wird benutzt.</translation>
    </message>
    <message>
      <source>The preview took {seconds} seconds. {notes}</source>
      <translation>Die Vorschau dauerte {seconds} Sekunden. {notes}</translation>
    </message>
    <message>
      <source>The product, file or item that the image comes from</source>
      <translation>Das Produkt, die Datei oder das Item, von dem das Bild kommt</translation>
    </message>
    <message>
      <source>The program is in the clipboard, for the Python of the engine.</source>
      <translation>Das Programm ist in der Zwischenablage, für das Python der Engine.</translation>
    </message>
    <message>
      <source>The project has no raster layers. Add images to it, or add files and folders.</source>
      <translation>Das Projekt hat keine Rasterlayer. Fügen Sie ihm Bilder hinzu oder hier Dateien und Ordner.</translation>
    </message>
    <message>
      <source>The project was closed while a job is running: {job}. The job works from files and goes on; its results are found in the history.</source>
      <translation>Das Projekt wurde geschlossen, während ein Job läuft: {job}. Der Job arbeitet mit Dateien und geht weiter; seine Ergebnisse stehen im Verlauf.</translation>
    </message>
    <message>
      <source>The rectangle that the map shows when the job starts.</source>
      <translation>Das Rechteck, das die Karte beim Start des Jobs zeigt.</translation>
    </message>
    <message>
      <source>The software that made this layer claims no rights in it. The terms of the images and of the parcels hold.</source>
      <translation>Die Software, die diesen Layer erzeugt hat, beansprucht keine Rechte daran. Es gelten die Bedingungen der Bilder und der Parzellen.</translation>
    </message>
    <message>
      <source>The stage whose figures are shown</source>
      <translation>Der Abschnitt, dessen Werte gezeigt werden</translation>
    </message>
    <message>
      <source>The time series is defined: {names}</source>
      <translation>Die Zeitreihe ist definiert: {names}</translation>
    </message>
    <message>
      <source>The training ends with the best weights so far.</source>
      <translation>Das Training endet mit den bisher besten Gewichten.</translation>
    </message>
    <message>
      <source>The training is complete: the model can map crops.</source>
      <translation>Das Training ist vollständig: Das Modell kann Kulturen kartieren.</translation>
    </message>
    <message>
      <source>The variable CSCL_HOME chooses another folder</source>
      <translation>Die Variable CSCL_HOME wählt einen anderen Ordner</translation>
    </message>
    <message>
      <source>Then try the demo scene</source>
      <translation>Danach die Vorführszene ausprobieren</translation>
    </message>
    <message>
      <source>There are no figures yet: start a training.</source>
      <translation>Noch keine Werte: Starten Sie ein Training.</translation>
    </message>
    <message>
      <source>There is nothing in this folder that a map can show.</source>
      <translation>In diesem Ordner ist nichts, was eine Karte zeigen kann.</translation>
    </message>
    <message>
      <source>There is nothing to count yet: choose the field of the declared class, or evaluate the model.</source>
      <translation>Noch nichts zu zählen: Wählen Sie das Feld der deklarierten Klasse oder bewerten Sie das Modell.</translation>
    </message>
    <message>
      <source>These images do not suit the model yet:</source>
      <translation>Diese Bilder passen noch nicht zum Modell:</translation>
    </message>
    <message>
      <source>They are made again when they are needed.</source>
      <translation>Sie werden neu erzeugt, wenn sie gebraucht werden.</translation>
    </message>
    <message>
      <source>This Python cannot make environments. On Debian and Ubuntu install the package python3-venv, then choose it again.</source>
      <translation>Dieses Python kann keine Umgebungen anlegen. Installieren Sie auf Debian und Ubuntu das Paket python3-venv und wählen Sie es dann noch einmal.</translation>
    </message>
    <message>
      <source>This folder holds no classified parcels. Choose parcels on the page Map to have them compared with the map.</source>
      <translation>Dieser Ordner enthält keine klassifizierten Parzellen. Wählen Sie auf der Seite Karte Parzellen, um sie mit der Karte zu vergleichen.</translation>
    </message>
    <message>
      <source>This model is pretrained only. Fine-tune it before it can map.</source>
      <translation>Dieses Modell ist nur vortrainiert. Stimmen Sie es fein ab, bevor es kartieren kann.</translation>
    </message>
    <message>
      <source>This place lies outside of the map's reference system.</source>
      <translation>Dieser Ort liegt außerhalb des Bezugssystems der Karte.</translation>
    </message>
    <message>
      <source>This run has told no figures of this stage.</source>
      <translation>Dieser Lauf hat zu diesem Abschnitt keine Werte gemeldet.</translation>
    </message>
    <message>
      <source>This very training is complete there. Choose another output to train again.</source>
      <translation>Genau dieses Training liegt dort vollständig. Wählen Sie für ein neues eine andere Ausgabe.</translation>
    </message>
    <message>
      <source>Tick the layers, or whole groups, that hold the images.</source>
      <translation>Haken Sie die Layer oder ganze Gruppen mit den Bildern an.</translation>
    </message>
    <message>
      <source>Time series (*.series.json);;All files (*)</source>
      <translation>Zeitreihe (*.series.json);;Alle Dateien (*)</translation>
    </message>
    <message>
      <source>Time series file</source>
      <translation>Datei einer Zeitreihe</translation>
    </message>
    <message>
      <source>Timeline</source>
      <translation>Zeitleiste</translation>
    </message>
    <message>
      <source>To check</source>
      <translation>Zu prüfen</translation>
    </message>
    <message>
      <source>Too small or too narrow</source>
      <translation>Zu klein oder zu schmal</translation>
    </message>
    <message>
      <source>Train</source>
      <translation>Trainieren</translation>
    </message>
    <message>
      <source>Trained</source>
      <translation>Trainiert</translation>
    </message>
    <message>
      <source>Truth 2.5 m</source>
      <translation>Wahrheit 2,5 m</translation>
    </message>
    <message>
      <source>Try again. If it stays, what you download from, or the folder, holds a changed file: do not use it.</source>
      <translation>Versuchen Sie es noch einmal. Bleibt es, enthält die Quelle oder der Ordner eine veränderte Datei: Benutzen Sie sie nicht.</translation>
    </message>
    <message>
      <source>Try again; if it stays, report it with the diagnostics of Settings &gt; Options.</source>
      <translation>Versuchen Sie es noch einmal; bleibt es, melden Sie es mit der Diagnose aus Einstellungen &gt; Optionen.</translation>
    </message>
    <message>
      <source>Try again; the details say more.</source>
      <translation>Versuchen Sie es noch einmal; die Details sagen mehr.</translation>
    </message>
    <message>
      <source>Try the demo scene</source>
      <translation>Vorführszene ausprobieren</translation>
    </message>
    <message>
      <source>Trying the engine with that Python…</source>
      <translation>Die Engine wird mit diesem Python ausprobiert…</translation>
    </message>
    <message>
      <source>Turn to the page of results</source>
      <translation>Zur Seite der Ergebnisse wechseln</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>Rückgängig</translation>
    </message>
    <message>
      <source>Unfinished</source>
      <translation>Unvollendet</translation>
    </message>
    <message>
      <source>Update</source>
      <translation>Aktualisieren</translation>
    </message>
    <message>
      <source>Update it in the dock (Plugins &gt; Crop mapping); that takes seconds where the libraries are the same.</source>
      <translation>Aktualisieren Sie sie im Dock (Erweiterungen &gt; Crop mapping); das dauert Sekunden, wo die Bibliotheken dieselben sind.</translation>
    </message>
    <message>
      <source>Use again</source>
      <translation>Wieder benutzen</translation>
    </message>
    <message>
      <source>Use an existing Python…</source>
      <translation>Vorhandenes Python benutzen…</translation>
    </message>
    <message>
      <source>Use an odd number: a window has a centre.</source>
      <translation>Benutzen Sie eine ungerade Zahl: Ein Fenster hat eine Mitte.</translation>
    </message>
    <message>
      <source>Use its settings</source>
      <translation>Seine Einstellungen benutzen</translation>
    </message>
    <message>
      <source>Use the features that are selected in the map alone</source>
      <translation>Nur die in der Karte gewählten Objekte benutzen</translation>
    </message>
    <message>
      <source>Use what all images have</source>
      <translation>Benutzen, was alle Bilder haben</translation>
    </message>
    <message>
      <source>Valid</source>
      <translation>Gültig</translation>
    </message>
    <message>
      <source>Value</source>
      <translation>Wert</translation>
    </message>
    <message>
      <source>Value of the class field; without its tick its parcels count as unknown</source>
      <translation>Wert des Klassenfelds; ohne Haken zählen seine Parzellen als unbekannt</translation>
    </message>
    <message>
      <source>Values that are not in the table: {count}. They are ignored until you tick them.</source>
      <translation>Werte, die nicht in der Tabelle stehen: {count}. Sie werden ignoriert, bis Sie sie anhaken.</translation>
    </message>
    <message>
      <source>Verifying the engine</source>
      <translation>Die Engine wird geprüft</translation>
    </message>
    <message>
      <source>Versions and states, without names of folders, files or layers</source>
      <translation>Versionen und Zustände, ohne Namen von Ordnern, Dateien oder Layern</translation>
    </message>
    <message>
      <source>Wait until that is done; it is used here then, too.</source>
      <translation>Warten Sie, bis das fertig ist; es wird dann auch hier benutzt.</translation>
    </message>
    <message>
      <source>Wait until the images have been read, move the map to them, or draw a polygon instead.</source>
      <translation>Warten Sie, bis die Bilder gelesen sind, verschieben Sie die Karte zu ihnen oder zeichnen Sie ein Polygon.</translation>
    </message>
    <message>
      <source>What is counted</source>
      <translation>Was gezählt wird</translation>
    </message>
    <message>
      <source>What it will take is not known yet.</source>
      <translation>Der Aufwand ist noch nicht bekannt.</translation>
    </message>
    <message>
      <source>What it will take is not known: {reason}</source>
      <translation>Der Aufwand ist nicht bekannt: {reason}</translation>
    </message>
    <message>
      <source>What networks are trained and maps are computed on</source>
      <translation>Worauf Netze trainiert und Karten gerechnet werden</translation>
    </message>
    <message>
      <source>What the check found, by kind</source>
      <translation>Was die Prüfung fand, nach Art</translation>
    </message>
    <message>
      <source>What the job says appears here.</source>
      <translation>Was der Job sagt, erscheint hier.</translation>
    </message>
    <message>
      <source>What the map shows</source>
      <translation>Was die Karte zeigt</translation>
    </message>
    <message>
      <source>What the programs said</source>
      <translation>Was die Programme sagten</translation>
    </message>
    <message>
      <source>What was downloaded is kept for the next attempt.</source>
      <translation>Was heruntergeladen ist, bleibt für den nächsten Versuch.</translation>
    </message>
    <message>
      <source>Wheels</source>
      <translation>Wheels</translation>
    </message>
    <message>
      <source>Where Python's packages come from</source>
      <translation>Woher die Pakete von Python kommen</translation>
    </message>
    <message>
      <source>Whole images</source>
      <translation>Ganze Bilder</translation>
    </message>
    <message>
      <source>With the Python</source>
      <translation>Mit dem Python</translation>
    </message>
    <message>
      <source>Write a CSV with some of the columns {columns}.</source>
      <translation>Schreiben Sie eine CSV mit einigen der Spalten {columns}.</translation>
    </message>
    <message>
      <source>Write it as 2021-06-01.</source>
      <translation>Schreiben Sie ihn als 2021-06-01.</translation>
    </message>
    <message>
      <source>Write it as year-month-day, for example 2019-09-30.</source>
      <translation>Schreiben Sie ihn als Jahr-Monat-Tag, zum Beispiel 2019-09-30.</translation>
    </message>
    <message>
      <source>Write the classes as a class table (CSV)</source>
      <translation>Die Klassen als Klassentabelle (CSV) schreiben</translation>
    </message>
    <message>
      <source>Write the first and the last day, for example 2018-10-01/2019-09-30.</source>
      <translation>Schreiben Sie den ersten und den letzten Tag, zum Beispiel 2018-10-01/2019-09-30.</translation>
    </message>
    <message>
      <source>Write the first day before the last.</source>
      <translation>Schreiben Sie den ersten Tag vor dem letzten.</translation>
    </message>
    <message>
      <source>Write the parcels to the file</source>
      <translation>Die Parzellen in die Datei schreiben</translation>
    </message>
    <message>
      <source>Zoom to the finding before</source>
      <translation>Zum Befund davor zoomen</translation>
    </message>
    <message>
      <source>Zoom to the next finding</source>
      <translation>Zum nächsten Befund zoomen</translation>
    </message>
    <message>
      <source>a file or folder may not be written</source>
      <translation>eine Datei oder ein Ordner darf nicht geschrieben werden</translation>
    </message>
    <message>
      <source>a package</source>
      <translation>ein Paket</translation>
    </message>
    <message>
      <source>about {hours} h left</source>
      <translation>noch etwa {hours} h</translation>
    </message>
    <message>
      <source>about {minutes} min left</source>
      <translation>noch etwa {minutes} min</translation>
    </message>
    <message>
      <source>about {time}</source>
      <translation>etwa {time}</translation>
    </message>
    <message>
      <source>and</source>
      <translation>und</translation>
    </message>
    <message>
      <source>another window of QGIS (process {number}) is installing it</source>
      <translation>ein anderes QGIS-Fenster (Prozess {number}) installiert sie gerade</translation>
    </message>
    <message>
      <source>began {when}</source>
      <translation>begonnen {when}</translation>
    </message>
    <message>
      <source>declaration</source>
      <translation>Deklaration</translation>
    </message>
    <message>
      <source>engine</source>
      <translation>Engine</translation>
    </message>
    <message>
      <source>ha</source>
      <translation>ha</translation>
    </message>
    <message>
      <source>image layers</source>
      <translation>Bildlayer</translation>
    </message>
    <message>
      <source>is a class of its own</source>
      <translation>ist eine eigene Klasse</translation>
    </message>
    <message>
      <source>it cannot be moved ({reason})</source>
      <translation>er kann nicht verschoben werden ({reason})</translation>
    </message>
    <message>
      <source>it cannot be opened as a vector layer</source>
      <translation>es kann nicht als Vektorlayer geöffnet werden</translation>
    </message>
    <message>
      <source>it comes from a service ({service}), not from a file</source>
      <translation>er kommt von einem Dienst ({service}), nicht aus einer Datei</translation>
    </message>
    <message>
      <source>it ended before it answered</source>
      <translation>sie endete, bevor sie antwortete</translation>
    </message>
    <message>
      <source>it ended before it answered; it said: {said}</source>
      <translation>sie endete, bevor sie antwortete; sie meldete: {said}</translation>
    </message>
    <message>
      <source>it ends before it begins</source>
      <translation>sie endet, bevor sie beginnt</translation>
    </message>
    <message>
      <source>it ends in {ending}, but FORMAT is {wanted}</source>
      <translation>sie endet auf {ending}, aber FORMAT ist {wanted}</translation>
    </message>
    <message>
      <source>it failed ({found})</source>
      <translation>es schlug fehl ({found})</translation>
    </message>
    <message>
      <source>it failed without a word</source>
      <translation>es schlug ohne ein Wort fehl</translation>
    </message>
    <message>
      <source>it failed: {text}</source>
      <translation>es schlug fehl: {text}</translation>
    </message>
    <message>
      <source>it gave no answer for {minutes} minutes</source>
      <translation>sie gab {minutes} Minuten lang keine Antwort</translation>
    </message>
    <message>
      <source>it has no folder of libraries</source>
      <translation>es hat keinen Ordner mit Bibliotheken</translation>
    </message>
    <message>
      <source>it has no reference system</source>
      <translation>er hat kein Bezugssystem</translation>
    </message>
    <message>
      <source>it has no value</source>
      <translation>es hat keinen Wert</translation>
    </message>
    <message>
      <source>it has the columns {names}</source>
      <translation>sie hat die Spalten {names}</translation>
    </message>
    <message>
      <source>it holds no record of a job</source>
      <translation>er enthält keine Aufzeichnung eines Jobs</translation>
    </message>
    <message>
      <source>it holds no wheels</source>
      <translation>er enthält keine Wheels</translation>
    </message>
    <message>
      <source>it holds no {file}</source>
      <translation>er enthält kein {file}</translation>
    </message>
    <message>
      <source>it is Python {version}</source>
      <translation>es ist Python {version}</translation>
    </message>
    <message>
      <source>it is Python {version}, the engine needs 3.11 or later</source>
      <translation>es ist Python {version}, die Engine braucht 3.11 oder später</translation>
    </message>
    <message>
      <source>it is a relative path</source>
      <translation>es ist ein relativer Pfad</translation>
    </message>
    <message>
      <source>it is neither a layer of the project nor a local file</source>
      <translation>es ist weder ein Layer des Projekts noch eine lokale Datei</translation>
    </message>
    <message>
      <source>it is no Python that starts</source>
      <translation>es ist kein Python, das startet</translation>
    </message>
    <message>
      <source>it is no day of the calendar</source>
      <translation>es ist kein Tag des Kalenders</translation>
    </message>
    <message>
      <source>it is no known coordinate reference system</source>
      <translation>es ist kein bekanntes Koordinatenbezugssystem</translation>
    </message>
    <message>
      <source>it is no pair of days</source>
      <translation>es ist kein Paar von Tagen</translation>
    </message>
    <message>
      <source>it is no raster layer</source>
      <translation>es ist kein Rasterlayer</translation>
    </message>
    <message>
      <source>it is no time series</source>
      <translation>es ist keine Zeitreihe</translation>
    </message>
    <message>
      <source>it is one part of a file with several</source>
      <translation>er ist einer von mehreren Teilen einer Datei</translation>
    </message>
    <message>
      <source>it is too large</source>
      <translation>es ist zu groß</translation>
    </message>
    <message>
      <source>it is {value}</source>
      <translation>es ist {value}</translation>
    </message>
    <message>
      <source>it sent {text}</source>
      <translation>sie schickte {text}</translation>
    </message>
    <message>
      <source>its confusion matrices are not as this version writes them</source>
      <translation>seine Konfusionsmatrizen sind nicht so, wie diese Version sie schreibt</translation>
    </message>
    <message>
      <source>its disk has {have} GiB free, {need} GiB are needed</source>
      <translation>auf seiner Platte sind {have} GiB frei, {need} GiB werden gebraucht</translation>
    </message>
    <message>
      <source>its extent is empty</source>
      <translation>die Ausdehnung ist leer</translation>
    </message>
    <message>
      <source>its features could not be written to a file ({found})</source>
      <translation>seine Objekte konnten nicht in eine Datei geschrieben werden ({found})</translation>
    </message>
    <message>
      <source>its first event is {kind}, not hello</source>
      <translation>ihr erstes Ereignis ist {kind}, nicht hello</translation>
    </message>
    <message>
      <source>its first layer holds no polygons</source>
      <translation>ihr erster Layer enthält keine Polygone</translation>
    </message>
    <message>
      <source>its installation was cancelled</source>
      <translation>die Installation wurde abgebrochen</translation>
    </message>
    <message>
      <source>its job runs as process {pid}</source>
      <translation>sein Job läuft als Prozess {pid}</translation>
    </message>
    <message>
      <source>its job {job} is cancelled</source>
      <translation>sein Job {job} wurde abgebrochen</translation>
    </message>
    <message>
      <source>its job {job} is failed</source>
      <translation>sein Job {job} ist fehlgeschlagen</translation>
    </message>
    <message>
      <source>its job {job} is interrupted</source>
      <translation>sein Job {job} wurde unterbrochen</translation>
    </message>
    <message>
      <source>its job {job} is running</source>
      <translation>sein Job {job} läuft</translation>
    </message>
    <message>
      <source>its path holds a semicolon, which separates paths</source>
      <translation>der Pfad enthält ein Semikolon, das Pfade trennt</translation>
    </message>
    <message>
      <source>its record names no results that are there</source>
      <translation>seine Aufzeichnung nennt keine Ergebnisse, die da sind</translation>
    </message>
    <message>
      <source>its source cannot be read ({provider})</source>
      <translation>seine Quelle kann nicht gelesen werden ({provider})</translation>
    </message>
    <message>
      <source>its wheels are for {platform}, Python {python}</source>
      <translation>seine Wheels sind für {platform}, Python {python}</translation>
    </message>
    <message>
      <source>layer {name}</source>
      <translation>Layer {name}</translation>
    </message>
    <message>
      <source>less than a minute left</source>
      <translation>weniger als eine Minute</translation>
    </message>
    <message>
      <source>mean IoU</source>
      <translation>mittlere IoU</translation>
    </message>
    <message>
      <source>model or images are missing</source>
      <translation>Modell oder Bilder fehlen</translation>
    </message>
    <message>
      <source>no</source>
      <translation>nein</translation>
    </message>
    <message>
      <source>no date</source>
      <translation>kein Datum</translation>
    </message>
    <message>
      <source>no engine is installed</source>
      <translation>es ist keine Engine installiert</translation>
    </message>
    <message>
      <source>no layer is chosen</source>
      <translation>es ist kein Layer gewählt</translation>
    </message>
    <message>
      <source>no libraries are installed</source>
      <translation>es sind keine Bibliotheken installiert</translation>
    </message>
    <message>
      <source>no polygon is drawn</source>
      <translation>es ist kein Polygon gezeichnet</translation>
    </message>
    <message>
      <source>none are listed</source>
      <translation>es sind keine aufgeführt</translation>
    </message>
    <message>
      <source>none is chosen</source>
      <translation>es ist keines gewählt</translation>
    </message>
    <message>
      <source>none is given</source>
      <translation>keiner ist angegeben</translation>
    </message>
    <message>
      <source>none of them has a value</source>
      <translation>keines davon hat einen Wert</translation>
    </message>
    <message>
      <source>on boundaries</source>
      <translation>an Grenzen</translation>
    </message>
    <message>
      <source>other land</source>
      <translation>übriges Land</translation>
    </message>
    <message>
      <source>overall accuracy</source>
      <translation>Gesamtgenauigkeit</translation>
    </message>
    <message>
      <source>parcel {number}</source>
      <translation>Parzelle {number}</translation>
    </message>
    <message>
      <source>parcels</source>
      <translation>Parzellen</translation>
    </message>
    <message>
      <source>pip found no processor build of PyTorch where it looks: the larger build for NVIDIA cards is installed instead, which computes on the processor too.</source>
      <translation>pip fand keine Fassung von PyTorch für den Prozessor: Die größere für NVIDIA-Karten wird installiert, die auch auf dem Prozessor rechnet.</translation>
    </message>
    <message>
      <source>preset full</source>
      <translation>Voreinstellung Voll</translation>
    </message>
    <message>
      <source>preset quick</source>
      <translation>Voreinstellung Schnell</translation>
    </message>
    <message>
      <source>preset standard</source>
      <translation>Voreinstellung Standard</translation>
    </message>
    <message>
      <source>preset {name}</source>
      <translation>Voreinstellung {name}</translation>
    </message>
    <message>
      <source>raster {name}</source>
      <translation>Raster {name}</translation>
    </message>
    <message>
      <source>results</source>
      <translation>Ergebnisse</translation>
    </message>
    <message>
      <source>some of its files are in use or cannot be removed</source>
      <translation>einige ihrer Dateien sind in Gebrauch oder können nicht entfernt werden</translation>
    </message>
    <message>
      <source>the certificate of the server is not trusted</source>
      <translation>dem Zertifikat des Servers wird nicht vertraut</translation>
    </message>
    <message>
      <source>the disk became full</source>
      <translation>die Platte ist voll</translation>
    </message>
    <message>
      <source>the engine did not start ({reason})</source>
      <translation>die Engine ist nicht gestartet ({reason})</translation>
    </message>
    <message>
      <source>the engine does not work with it ({text})</source>
      <translation>die Engine arbeitet nicht damit ({text})</translation>
    </message>
    <message>
      <source>the images' reference system is not known, or the map shows a place that it does not reach</source>
      <translation>das Bezugssystem der Bilder ist nicht bekannt, oder die Karte zeigt einen Ort, bis zu dem es nicht reicht</translation>
    </message>
    <message>
      <source>the network could not be reached</source>
      <translation>das Netz war nicht erreichbar</translation>
    </message>
    <message>
      <source>the one that is installed belongs to another version of the plugin</source>
      <translation>die installierte gehört zu einer anderen Version der Erweiterung</translation>
    </message>
    <message>
      <source>the place lies beyond its reference system</source>
      <translation>der Ort liegt jenseits seines Bezugssystems</translation>
    </message>
    <message>
      <source>the plugin's own copy of the engine is incomplete</source>
      <translation>die eigene Kopie der Engine in der Erweiterung ist unvollständig</translation>
    </message>
    <message>
      <source>the project has no coordinate reference system</source>
      <translation>das Projekt hat kein Koordinatenbezugssystem</translation>
    </message>
    <message>
      <source>the project shows it ({name})</source>
      <translation>das Projekt zeigt es ({name})</translation>
    </message>
    <message>
      <source>the proxy refused the connection</source>
      <translation>der Proxy wies die Verbindung ab</translation>
    </message>
    <message>
      <source>the setting for the engine's Python</source>
      <translation>die Einstellung für das Python der Engine</translation>
    </message>
    <message>
      <source>the variable {name}</source>
      <translation>die Variable {name}</translation>
    </message>
    <message>
      <source>there are no figures of its training yet</source>
      <translation>es gibt noch keine Werte seines Trainings</translation>
    </message>
    <message>
      <source>there is no build of {name} for this Python and system</source>
      <translation>es gibt keine Fassung von {name} für dieses Python und System</translation>
    </message>
    <message>
      <source>there is no such file</source>
      <translation>es gibt keine solche Datei</translation>
    </message>
    <message>
      <source>there is no such file or folder</source>
      <translation>es gibt keine solche Datei und keinen solchen Ordner</translation>
    </message>
    <message>
      <source>there is no such folder</source>
      <translation>es gibt keinen solchen Ordner</translation>
    </message>
    <message>
      <source>this Python cannot make environments</source>
      <translation>dieses Python kann keine Umgebungen anlegen</translation>
    </message>
    <message>
      <source>this computer</source>
      <translation>dieser Rechner</translation>
    </message>
    <message>
      <source>took {time}</source>
      <translation>dauerte {time}</translation>
    </message>
    <message>
      <source>truth</source>
      <translation>Wahrheit</translation>
    </message>
    <message>
      <source>unknown to the model: a crop is shown everywhere</source>
      <translation>dem Modell unbekannt: Überall wird eine Kultur gezeigt</translation>
    </message>
    <message>
      <source>yes</source>
      <translation>ja</translation>
    </message>
    <message>
      <source>{at} of {all}</source>
      <translation>{at} von {all}</translation>
    </message>
    <message>
      <source>{began}: job {job}, version {version}</source>
      <translation>{began}: Job {job}, Version {version}</translation>
    </message>
    <message>
      <source>{classes} classes of {values} values, {parcels} parcels, {area} ha</source>
      <translation>{classes} Klassen aus {values} Werten, {parcels} Parzellen, {area} ha</translation>
    </message>
    <message>
      <source>{colour}; click to change it</source>
      <translation>{colour}; zum Ändern klicken</translation>
    </message>
    <message>
      <source>{count} GB</source>
      <translation>{count} GB</translation>
    </message>
    <message>
      <source>{count} MB</source>
      <translation>{count} MB</translation>
    </message>
    <message>
      <source>{count} dates are on the map. View &gt; Panels &gt; Temporal Controller plays them.</source>
      <translation>{count} Termine sind in der Karte. Ansicht &gt; Bedienfelder &gt; Zeitsteuerung spielt sie ab.</translation>
    </message>
    <message>
      <source>{count} dates of Sentinel-2 images.</source>
      <translation>{count} Termine von Sentinel-2-Bildern.</translation>
    </message>
    <message>
      <source>{count} epochs</source>
      <translation>{count} Epochen</translation>
    </message>
    <message>
      <source>{count} from {start} to {end}</source>
      <translation>{count} von {start} bis {end}</translation>
    </message>
    <message>
      <source>{count} h</source>
      <translation>{count} h</translation>
    </message>
    <message>
      <source>{count} have faults: choose one to see which.</source>
      <translation>{count} haben Fehler: Wählen Sie eines, um ihn zu sehen.</translation>
    </message>
    <message>
      <source>{count} have less than {share} % valid pixels and are left out.</source>
      <translation>{count} haben weniger als {share} % gültige Pixel und werden ausgelassen.</translation>
    </message>
    <message>
      <source>{count} images are not on the map.</source>
      <translation>{count} Bilder sind nicht in der Karte.</translation>
    </message>
    <message>
      <source>{count} libraries, each checked by its hash, and PyTorch {version} as uv chooses it for the graphics card.</source>
      <translation>{count} Bibliotheken, jede am Hash geprüft, und PyTorch {version}, wie uv es für die Grafikkarte wählt.</translation>
    </message>
    <message>
      <source>{count} min</source>
      <translation>{count} min</translation>
    </message>
    <message>
      <source>{count} of them have a value</source>
      <translation>{count} davon haben einen Wert</translation>
    </message>
    <message>
      <source>{count} others</source>
      <translation>{count} andere</translation>
    </message>
    <message>
      <source>{count} parcels</source>
      <translation>{count} Parzellen</translation>
    </message>
    <message>
      <source>{count} parcels are selected.</source>
      <translation>{count} Parzellen sind gewählt.</translation>
    </message>
    <message>
      <source>{count} s</source>
      <translation>{count} s</translation>
    </message>
    <message>
      <source>{count} {unit} of {truth} mapped as {mapped}</source>
      <translation>{count} {unit} von {truth} als {mapped} kartiert</translation>
    </message>
    <message>
      <source>{day}: {share} % clouds</source>
      <translation>{day}: {share} % Wolken</translation>
    </message>
    <message>
      <source>{declared} was declared, {crop} is mapped</source>
      <translation>{declared} wurde deklariert, {crop} ist kartiert</translation>
    </message>
    <message>
      <source>{help} Default: {value}.</source>
      <translation>{help} Vorgabe: {value}.</translation>
    </message>
    <message>
      <source>{help} Give one of {names}.</source>
      <translation>{help} Geben Sie eines von {names} an.</translation>
    </message>
    <message>
      <source>{job}, with the parameters of {name}. It writes to:</source>
      <translation>{job} mit den Parametern von {name}. Geschrieben wird nach:</translation>
    </message>
    <message>
      <source>{layer}, made by the job {job} of Crop mapping (CSCL) {version}.</source>
      <translation>{layer}, erzeugt vom Job {job} der Crop mapping (CSCL) {version}.</translation>
    </message>
    <message>
      <source>{names} have values</source>
      <translation>{names} haben Werte</translation>
    </message>
    <message>
      <source>{name} is not the file that this version of the plugin was tested with</source>
      <translation>{name} ist nicht die Datei, mit der diese Version der Erweiterung geprüft wurde</translation>
    </message>
    <message>
      <source>{name}, step {step}: {value}</source>
      <translation>{name}, Schritt {step}: {value}</translation>
    </message>
    <message>
      <source>{name}: QGIS cannot show cubes of this form</source>
      <translation>{name}: QGIS kann Würfel dieser Form nicht zeigen</translation>
    </message>
    <message>
      <source>{name}: labelled pixels of each class by split</source>
      <translation>{name}: beschriftete Pixel jeder Klasse nach Teil</translation>
    </message>
    <message>
      <source>{name}: {parcels} parcels, {area} ha</source>
      <translation>{name}: {parcels} Parzellen, {area} ha</translation>
    </message>
    <message>
      <source>{origin} names it, but it cannot be executed</source>
      <translation>{origin} nennt es, aber es lässt sich nicht ausführen</translation>
    </message>
    <message>
      <source>{origin} names it, but there is no such file</source>
      <translation>{origin} nennt es, aber es gibt keine solche Datei</translation>
    </message>
    <message>
      <source>{paths}: the engine said that it wrote this, but it is not there. Run the job again.</source>
      <translation>{paths}: Die Engine sagte, sie habe dies geschrieben, aber es ist nicht da. Starten Sie den Job noch einmal.</translation>
    </message>
    <message>
      <source>{resolution} m: {shares}</source>
      <translation>{resolution} m: {shares}</translation>
    </message>
    <message>
      <source>{run} at {resolution} m</source>
      <translation>{run} bei {resolution} m</translation>
    </message>
    <message>
      <source>{share} %</source>
      <translation>{share} %</translation>
    </message>
    <message>
      <source>{share} % of {count} {unit} are on the diagonal. Rows are what was declared or true, columns what is mapped. Click a cell to select its parcels.</source>
      <translation>{share} % von {count} {unit} liegen auf der Diagonale. Zeilen sind, was deklariert oder wahr ist, Spalten, was kartiert ist. Klicken Sie eine Zelle an, um ihre Parzellen zu wählen.</translation>
    </message>
    <message>
      <source>{size} are free there.</source>
      <translation>{size} sind dort frei.</translation>
    </message>
    <message>
      <source>{size} of disk</source>
      <translation>{size} auf der Platte</translation>
    </message>
    <message>
      <source>{size} of memory</source>
      <translation>{size} Speicher</translation>
    </message>
    <message>
      <source>{size} on the disk</source>
      <translation>{size} auf der Platte</translation>
    </message>
    <message>
      <source>{split}: {parcels} parcels, {area} ha, {pixels} pixels</source>
      <translation>{split}: {parcels} Parzellen, {area} ha, {pixels} Pixel</translation>
    </message>
    <message>
      <source>{start} to {end}</source>
      <translation>{start} bis {end}</translation>
    </message>
    <message>
      <source>{text} is no day</source>
      <translation>{text} ist kein Tag</translation>
    </message>
    <message>
      <source>{title}: {help}</source>
      <translation>{title}: {help}</translation>
    </message>
    <message>
      <source>{used} of {all} images are used.</source>
      <translation>{used} von {all} Bildern werden benutzt.</translation>
    </message>
    <message>
      <source>{value}: ignored, its parcels count as unknown</source>
      <translation>{value}: ignoriert, seine Parzellen zählen als unbekannt</translation>
    </message>
    <message>
      <source>{where}: {clear} of {dates} dates are clear, the cloudy ones hollow.</source>
      <translation>{where}: {clear} von {dates} Terminen sind klar, die bewölkten hohl.</translation>
    </message>
  </context>
</TS>
